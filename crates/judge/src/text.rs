//! Bytes of a program as text that is safe to show and to put into JSON.

/// Decodes as UTF-8 with replacement characters, keeps line ends and tabs,
/// replaces every other control character (a terminal would obey them), and
/// cuts after `characters_max` characters, saying so.
#[must_use]
pub fn readable(bytes: &[u8], characters_max: usize) -> String {
    let decoded = String::from_utf8_lossy(bytes);
    cut(&clean(&decoded), characters_max)
}

/// Replaces control characters but line ends and tabs; `\r\n` becomes `\n`.
#[must_use]
pub fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// At most `characters_max` characters; what was cut is told at the end, within the limit.
#[must_use]
pub fn cut(text: &str, characters_max: usize) -> String {
    const NOTE: &str = "\n[the rest is left out]";
    if text.chars().nth(characters_max).is_none() {
        return text.to_owned();
    }
    let keep = characters_max.saturating_sub(NOTE.chars().count());
    let mut short: String = text.chars().take(keep).collect();
    short.extend(NOTE.chars().take(characters_max - keep));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_codes_and_broken_utf8_become_replacement_characters() {
        assert_eq!(
            readable(b"a\x1b[31mb\xff\r\n\tc\0", 100),
            "a\u{fffd}[31mb\u{fffd}\n\tc\u{fffd}"
        );
    }

    #[test]
    fn a_cut_text_is_never_longer_than_asked_and_says_so() {
        let long = "é".repeat(1_000);
        let short = readable(long.as_bytes(), 500);
        assert_eq!(short.chars().count(), 500);
        assert!(short.ends_with("[the rest is left out]"));
        assert_eq!(readable(b"12345", 5), "12345");
        assert_eq!(cut("123456", 3).chars().count(), 3);
    }
}
