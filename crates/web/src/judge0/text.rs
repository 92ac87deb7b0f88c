//! Texts on the wire: Ruby's base64, comparison of outputs, numbers as decimals.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Letters of a line that `Base64.encode64` writes.
const LINE_LETTERS: usize = 60;

/// `Base64.encode64`: lines of 60 letters, each with its end.
pub(super) fn encode(bytes: &[u8]) -> String {
    let letters = base64::engine::general_purpose::STANDARD.encode(bytes);
    let mut text = String::with_capacity(letters.len() + letters.len() / LINE_LETTERS + 1);
    let mut rest = letters.as_str();
    while !rest.is_empty() {
        let (line, later) = rest.split_at(LINE_LETTERS.min(rest.len()));
        text.push_str(line);
        text.push('\n');
        rest = later;
    }
    text
}

/// `Base64.decode64`: characters that are not of the alphabet are skipped, it ends at padding.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut letters: String = text
        .chars()
        .take_while(|letter| *letter != '=')
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/'))
        .collect();
    if letters.len() % 4 == 1 {
        letters.pop();
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone);
    GeneralPurpose::new(&STANDARD, lenient)
        .decode(letters)
        .unwrap_or_default()
}

/// Whether two outputs are the same but for whitespace at the ends of lines and at the end.
pub(super) fn is_same(expected: &[u8], actual: &[u8]) -> bool {
    strip(expected) == strip(actual)
}

fn strip(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').map(strip_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

/// Ruby's `rstrip`: whitespace and NUL.
fn strip_end(line: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | 0x0b | 0x0c | b'\r' | 0);
    let length = line.iter().rposition(|byte| !is_space(byte));
    &line[..length.map_or(0, |last| last + 1)]
}

/// Seconds as their decimals are written: at least one digit after the point, no zeros that say nothing.
pub(super) fn decimal(seconds: f64) -> String {
    let text = format!("{seconds:.3}");
    let short = text.trim_end_matches('0');
    if short.ends_with('.') {
        format!("{short}0")
    } else {
        short.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_ruby() {
        assert_eq!(encode(b"hello, Judge0\n"), "aGVsbG8sIEp1ZGdlMAo=\n");
        let long = encode(&[b'x'; 50]);
        assert_eq!(long.lines().next().map(str::len), Some(60));
        assert!(long.ends_with("=\n"));
        assert_eq!(decode(&long), vec![b'x'; 50]);
        assert_eq!(encode(b""), "");
        assert_eq!(decode("aGVs bG8\n="), b"hello");
        assert_eq!(decode("aGVsbG8"), b"hello");
        assert_eq!(decode("a"), b"");
    }

    #[test]
    fn outputs_are_compared_without_ends() {
        assert!(is_same(b"a\nb", b"a \nb\t\n\n"));
        assert!(is_same(b"a\r\nb\r\n", b"a\nb"));
        assert!(is_same(b"", b"\n \n"));
        assert!(!is_same(b"a\nb", b"a\n\nb"));
        assert!(!is_same(b"a", b" a"));
        assert!(is_same(b"\xff\0", b"\xff"));
    }

    #[test]
    fn seconds_are_decimals() {
        let texts = [0.0, 0.012, 1.0, 5.0, 0.5].map(decimal);
        assert_eq!(texts, ["0.0", "0.012", "1.0", "5.0", "0.5"]);
    }
}
