//! How the language of a course writes numbers.

use carrel_quiz::kind::DecimalMark;

/// Languages that write `1,5`, as the Common Locale Data Repository has them.
const WITH_COMMA: [&str; 56] = [
    "af", "az", "be", "bg", "br", "bs", "ca", "cs", "da", "de", "el", "eo", "es", "et", "eu", "fi",
    "fo", "fr", "fur", "gl", "hr", "hu", "hy", "id", "is", "it", "ka", "kk", "kl", "ky", "lb",
    "lt", "lv", "mk", "nb", "nl", "nn", "no", "oc", "pl", "pt", "ro", "ru", "rw", "sc", "sk", "sl",
    "sq", "sr", "sv", "tk", "tr", "tt", "uk", "uz", "vi",
];
/// Regions where one of these languages writes `1.5`.
const WITH_POINT: [(&str, &str); 14] = [
    ("de", "ch"),
    ("de", "li"),
    ("it", "ch"),
    // Latin America.
    ("es", "419"),
    ("es", "mx"),
    ("es", "us"),
    ("es", "pr"),
    ("es", "gt"),
    ("es", "hn"),
    ("es", "ni"),
    ("es", "pa"),
    ("es", "pe"),
    ("es", "sv"),
    ("es", "do"),
];

/// The marks that are understood in a language, where a question says nothing.
pub(super) fn mark_of(language: &str) -> DecimalMark {
    let tag = language.to_ascii_lowercase();
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    let is_region = |part: &&str| part.len() == 2 || *part == "419";
    let region = parts.find(is_region).unwrap_or_default();
    if WITH_COMMA.contains(&language) && !WITH_POINT.contains(&(language, region)) {
        DecimalMark::CommaOrPoint
    } else {
        DecimalMark::Either
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_says_the_mark() {
        for comma in ["de", "DE-at", "fr", "pt-BR", "sr-Latn-RS", "es-ES"] {
            assert_eq!(mark_of(comma), DecimalMark::CommaOrPoint, "{comma}");
        }
        for point in [
            "en",
            "en-GB",
            "de-CH",
            "es-419",
            "es-419-MX",
            "es-MX",
            "ja",
            "zh-Hans",
        ] {
            assert_eq!(mark_of(point), DecimalMark::Either, "{point}");
        }
    }
}
