//! The seal of a record: SipHash-2-4 under the run's key, so that whoever reads
//! records learns nothing that makes another one count.

/// Hexadecimal digits of a key that are used.
const KEY_DIGITS: usize = 32;

/// The seal of a text, as sixteen hexadecimal digits; `None` where the key is none of ours.
pub(crate) fn seal(key: &str, text: &[u8]) -> Option<String> {
    let bytes = hex::decode(key.get(..KEY_DIGITS)?).ok()?;
    let (one, two) = bytes.split_at(8);
    let half = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    Some(format!("{:016x}", sip_hash(half(one)?, half(two)?, text)))
}

fn sip_hash(one: u64, two: u64, text: &[u8]) -> u64 {
    let mut v = [
        one ^ 0x736f_6d65_7073_6575,
        two ^ 0x646f_7261_6e64_6f6d,
        one ^ 0x6c79_6765_6e65_7261,
        two ^ 0x7465_6462_7974_6573,
    ];
    let words = text.chunks_exact(8);
    let rest = words.remainder();
    let mut last = [0_u8; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = text.len().to_le_bytes()[0];
    for word in words.chain(std::iter::once(&last[..])) {
        let word = word
            .iter()
            .rev()
            .fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        v[3] ^= word;
        mix(&mut v);
        mix(&mut v);
        v[0] ^= word;
    }
    v[2] ^= 255;
    for _ in 0..4 {
        mix(&mut v);
    }
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn mix(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the authors of SipHash: key 00..0f, texts 00.. of growing length.
    #[test]
    fn known_answers() {
        let text: Vec<u8> = (0..15).collect();
        let key = "000102030405060708090a0b0c0d0e0fffffffffffffffff";
        let of = |length: usize| seal(key, &text[..length]).unwrap();
        assert_eq!(of(0), "726fdb47dd0e0e31");
        assert_eq!(of(1), "74f839c593dc67fd");
        assert_eq!(of(8), "93f5f5799a932462");
        assert_eq!(of(15), "a129ca6149be45e5");
    }

    #[test]
    fn another_text_or_key_has_another_seal() {
        let key = "00".repeat(24);
        let other = "01".repeat(24);
        assert_ne!(seal(&key, b"0 end"), seal(&key, b"1 end"));
        assert_ne!(seal(&key, b"0 end"), seal(&other, b"0 end"));
        assert_eq!(seal("short", b""), None);
    }
}
