//! Languages of the pages: chosen by what the browser asks for.

use std::sync::LazyLock;

use super::message::Messages;

/// A language, its direction, its texts and how it writes numbers.
#[derive(Debug)]
pub struct Locale {
    /// BCP 47 tag, for `lang`.
    pub tag: &'static str,
    /// `ltr` or `rtl`, for `dir`.
    pub direction: &'static str,
    /// Its texts.
    pub messages: Messages,
    /// Between whole and fraction.
    decimal: char,
}

/// Tag of the pseudo-locale that is English from right to left, by which layouts are tested.
const PSEUDO_TAG: &str = "ar-XB";

static ENGLISH: LazyLock<Locale> = LazyLock::new(|| Locale {
    tag: "en",
    direction: "ltr",
    messages: Messages::english(false),
    decimal: '.',
});

static PSEUDO: LazyLock<Locale> = LazyLock::new(|| Locale {
    tag: PSEUDO_TAG,
    direction: "rtl",
    messages: Messages::english(true),
    decimal: '\u{66b}',
});

impl Locale {
    /// The best of ours for an `Accept-Language` header: English, unless another that is there is
    /// asked for first.
    pub fn choose(accepted: Option<&str>) -> &'static Self {
        let first = accepted.unwrap_or_default().split([',', ';']).next();
        if first.is_some_and(|tag| tag.trim().eq_ignore_ascii_case(PSEUDO_TAG)) {
            return &PSEUDO;
        }
        &ENGLISH
    }

    /// A number with at most two digits after the point, as this language writes it.
    pub fn number(&self, number: f64) -> String {
        let text = format!("{number:.2}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        text.replace('.', self.decimal.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_chosen_and_writes_numbers_its_way() {
        assert_eq!(Locale::choose(None).tag, "en");
        assert_eq!(Locale::choose(Some("de-DE,de;q=0.9")).tag, "en");
        let pseudo = Locale::choose(Some("ar-xb, en;q=0.5"));
        assert_eq!((pseudo.tag, pseudo.direction), ("ar-XB", "rtl"));
        assert_eq!(pseudo.number(0.667), "0\u{66b}67");
        let english = Locale::choose(Some("en"));
        let shown: Vec<String> = [0.0, 1.0, 2.5, 10.0, 0.6666]
            .map(|n| english.number(n))
            .into();
        assert_eq!(shown, ["0", "1", "2.5", "10", "0.67"]);
    }
}
