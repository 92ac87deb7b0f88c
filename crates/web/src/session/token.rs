//! API tokens as text: `carrel_`, 43 letters of base 62 (256 random bits), and 6 letters of a
//! CRC-32 over all before them.
//!
//! Prefix and checksum let a scanner of source code find a token that leaked without asking us,
//! and let us refuse a mistyped one without asking the database.

use std::fmt;

use super::secret::{self, Secret};

/// What every token begins with.
pub const PREFIX: &str = "carrel_";
/// Letters of the secret: ⌈256 / log₂ 62⌉.
const SECRET_LENGTH: usize = 43;
/// Letters of the checksum: ⌈32 / log₂ 62⌉.
const CHECKSUM_LENGTH: usize = 6;
/// Letters of a token.
pub const TEXT_LENGTH: usize = PREFIX.len() + SECRET_LENGTH + CHECKSUM_LENGTH;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A well-formed token. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

impl fmt::Debug for TokenText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenText({PREFIX}…)")
    }
}

impl TokenText {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn generate() -> Result<Self, getrandom::Error> {
        Ok(Self::of(&Secret::generate()?))
    }

    fn of(secret: &Secret) -> Self {
        let mut text = PREFIX.to_owned();
        text.push_str(&base62(secret.bytes(), SECRET_LENGTH));
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Self(text)
    }

    /// Reads one; `None`: it cannot be a token of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() == TEXT_LENGTH
            && text.starts_with(PREFIX)
            && text[PREFIX.len()..]
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric());
        if !well_formed {
            return None;
        }
        let (body, sum) = text.split_at(TEXT_LENGTH - CHECKSUM_LENGTH);
        (checksum(body) == sum).then(|| Self(text.to_owned()))
    }

    /// The text, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        secret::hash(&self.0)
    }
}

fn checksum(body: &str) -> String {
    base62(
        &crc32fast::hash(body.as_bytes()).to_be_bytes(),
        CHECKSUM_LENGTH,
    )
}

/// A big-endian number in base 62, padded with zeros to so many letters.
fn base62(number: &[u8], length: usize) -> String {
    let mut number = number.to_vec();
    let mut letters = vec![ALPHABET[0]; length];
    for letter in letters.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            // Below 256, because `rest` is below 62.
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        *letter = ALPHABET[rest as usize];
    }
    letters.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_is_the_number() {
        assert_eq!(base62(&[0], 3), "000");
        assert_eq!(base62(&[61], 2), "0z");
        assert_eq!(base62(&[62], 2), "10");
        assert_eq!(base62(&[1, 0], 3), "048");
        assert_eq!(base62(&u32::MAX.to_be_bytes(), 6), "4gfFC3");
        // 256 bits fit: the first letter of the greatest number is not cut.
        assert_eq!(
            base62(&[0xff; 32], 44),
            format!("0{}", base62(&[0xff; 32], 43))
        );
    }

    #[test]
    fn a_token_is_read_back_and_a_changed_one_is_not() {
        let token = TokenText::generate().unwrap();
        let text = token.reveal();
        assert_eq!(text.len(), TEXT_LENGTH);
        assert_eq!(TokenText::parse(text).as_ref(), Some(&token));
        assert_eq!(format!("{token:?}"), "TokenText(carrel_…)");
        for place in PREFIX.len()..TEXT_LENGTH {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(TokenText::parse(&changed).is_none(), "{place}");
        }
    }

    #[test]
    fn other_text_is_none_whatever_its_bytes() {
        let same_length = "é".repeat(TEXT_LENGTH / 2);
        for bad in [
            "",
            "carrel_",
            "carrel",
            same_length.as_str(),
            &"x".repeat(56),
        ] {
            assert!(TokenText::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_kept_depends_on_every_letter() {
        let secret = Secret::generate().unwrap();
        assert_eq!(TokenText::of(&secret).hash(), TokenText::of(&secret).hash());
        assert_ne!(
            TokenText::of(&secret).hash(),
            TokenText::generate().unwrap().hash()
        );
    }
}
