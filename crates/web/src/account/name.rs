//! Names to sign in with.

/// Most length, bytes.
pub const LENGTH_MAX: usize = 64;
/// Most length of a name that is shown, characters.
pub const DISPLAY_LENGTH_MAX: usize = 200;
/// Most length of an electronic mail address, bytes (RFC 5321 §4.5.3.1.3).
pub const EMAIL_LENGTH_MAX: usize = 254;
/// Names that mean something else in a path.
const RESERVED: [&str; 2] = ["me", "all"];

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Empty or too long.
    #[error("must have 1 to {LENGTH_MAX} characters")]
    Length,
    /// A character that is not allowed.
    #[error(
        "may hold letters a-z, digits and `.`, `_`, `-`, `+`, `@`, and begins with a letter or digit; found `{0}`"
    )]
    Character(char),
    /// It means something else.
    #[error("is reserved")]
    Reserved,
    /// Shown names and addresses: length or characters.
    #[error("must have 1 to {0} printable characters")]
    Text(usize),
    /// Not an address.
    #[error("is not an electronic mail address")]
    Email,
}

/// Says whether this may be a name to sign in with.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > LENGTH_MAX {
        return Err(Error::Length);
    }
    let odd = |letter: &char| !letter.is_ascii_alphanumeric() && !"._-+@".contains(*letter);
    if let Some(letter) = name.chars().find(odd) {
        return Err(Error::Character(letter));
    }
    if let Some(first) = name
        .chars()
        .next()
        .filter(|first| !first.is_ascii_alphanumeric())
    {
        return Err(Error::Character(first));
    }
    // An id in its place would be taken for an id.
    let reserved = RESERVED.iter().any(|word| name.eq_ignore_ascii_case(word));
    if reserved || name.parse::<uuid::Uuid>().is_ok() {
        return Err(Error::Reserved);
    }
    Ok(())
}

/// Says whether this may be shown as a name.
///
/// # Errors
/// What is wrong with it.
pub fn check_display_name(name: &str) -> Result<(), Error> {
    let length = name.chars().count();
    let printable = !name.chars().any(char::is_control) && !name.trim().is_empty();
    if length <= DISPLAY_LENGTH_MAX && printable {
        Ok(())
    } else {
        Err(Error::Text(DISPLAY_LENGTH_MAX))
    }
}

/// Says whether this can be an electronic mail address; only a letter sent there could tell more.
///
/// # Errors
/// What is wrong with it.
pub fn check_email(address: &str) -> Result<(), Error> {
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    let parts = address.rsplit_once('@');
    match parts {
        Some((local, domain))
            if !local.is_empty()
                && !domain.is_empty()
                && address.len() <= EMAIL_LENGTH_MAX
                && !address.contains(odd) =>
        {
            Ok(())
        }
        _ => Err(Error::Email),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for good in [
            "a",
            "Ada",
            "ada.lovelace",
            "a+b@example.org",
            "7",
            &"x".repeat(64),
        ] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        assert_eq!(check_name(""), Err(Error::Length));
        assert_eq!(check_name(&"x".repeat(65)), Err(Error::Length));
        assert_eq!(check_name("a b"), Err(Error::Character(' ')));
        assert_eq!(check_name(".a"), Err(Error::Character('.')));
        assert_eq!(check_name("aé"), Err(Error::Character('é')));
        assert_eq!(check_name("Me"), Err(Error::Reserved));
        let id = "01932c07-a5d4-7cc1-8f6e-000000000000";
        assert_eq!(check_name(id), Err(Error::Reserved));
    }

    #[test]
    fn shown_names_are_printable_and_bounded() {
        assert_eq!(check_display_name("Ada, Countess of Łódź"), Ok(()));
        for bad in ["", "  ", "a\u{1b}[2J", &"x".repeat(201)] {
            assert!(check_display_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_have_two_parts() {
        assert_eq!(check_email("a@b.example"), Ok(()));
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a b@c",
            &format!("{}@b", "x".repeat(260)),
        ] {
            assert_eq!(check_email(bad), Err(Error::Email), "{bad}");
        }
    }
}
