//! The catalogue of texts: Fluent files of `locales/`, one per part of the pages.
//!
//! A text is named in a template (`frame.text("sign-in-title")`), never written there, so that a
//! translation is a directory of such files. Plurals are chosen by Fluent's selectors.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// Files of the English texts.
const ENGLISH: [(&str, &str); 7] = [
    ("author.ftl", include_str!("../../locales/en/author.ftl")),
    (
        "challenge.ftl",
        include_str!("../../locales/en/challenge.ftl"),
    ),
    ("frame.ftl", include_str!("../../locales/en/frame.ftl")),
    ("account.ftl", include_str!("../../locales/en/account.ftl")),
    ("course.ftl", include_str!("../../locales/en/course.ftl")),
    ("quiz.ftl", include_str!("../../locales/en/quiz.ftl")),
    (
        "operator.ftl",
        include_str!("../../locales/en/operator.ftl"),
    ),
];

/// Texts of one language.
pub struct Messages(FluentBundle<FluentResource>);

impl std::fmt::Debug for Messages {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Messages(…)")
    }
}

/// Something to be put into a text.
pub trait Argument {
    /// As Fluent takes it.
    fn value(&self) -> FluentValue<'static>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}

/// A name and what is put there: by value from code, by reference from templates.
pub trait Pair {
    /// As the catalogue takes it.
    fn pair(&self) -> (&'static str, &dyn Argument);
}

impl<T: Argument> Pair for (&'static str, T) {
    fn pair(&self) -> (&'static str, &dyn Argument) {
        (self.0, &self.1)
    }
}

impl<T: Pair> Pair for &T {
    fn pair(&self) -> (&'static str, &dyn Argument) {
        (**self).pair()
    }
}

impl Argument for str {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

macro_rules! arguments {
    ($($kind:ty),*) => {
        $(impl Argument for $kind {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(self.clone())
            }
        })*
    };
}
arguments!(String, usize, u64, u32, u16, u8, i64, i32, f64);

impl Messages {
    /// The English texts; as the pseudo-locale: marked, longer and from right to left.
    pub fn english(pseudo: bool) -> Self {
        let tag = "en".parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        bundle.set_use_isolating(pseudo);
        if pseudo {
            bundle.set_transform(Some(turn));
        }
        for (name, text) in ENGLISH {
            // A test reads every file; what is wrong with one at run time is told by its names.
            let resource =
                FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, errors)| {
                    tracing::error!(name, ?errors, "texts cannot be read");
                    read
                });
            if let Err(errors) = bundle.add_resource(resource) {
                tracing::error!(name, ?errors, "texts are there twice");
            }
        }
        Self(bundle)
    }

    /// A text; where there is none, its name: something is seen, and a test finds it.
    pub fn text(&self, name: &str, arguments: &[(&'static str, &dyn Argument)]) -> String {
        let Some(pattern) = self.0.get_message(name).and_then(|found| found.value()) else {
            return name.to_owned();
        };
        let mut given = FluentArgs::with_capacity(arguments.len());
        for (key, argument) in arguments {
            given.set(*key, argument.value());
        }
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(&given), &mut errors);
        if !errors.is_empty() {
            tracing::error!(name, ?errors, "a text lacks what is put into it");
        }
        text.into_owned()
    }

    /// Whether there is a text of this name.
    #[cfg(test)]
    pub fn has(&self, name: &str) -> bool {
        self.0.has_message(name)
    }
}

/// The pseudo-locale's letters: every word from right to left by U+202E and U+202C, as CLDR's
/// `ar-XB` does, so that a text that is in no catalogue stands out.
fn turn(text: &str) -> Cow<'_, str> {
    let mut turned = String::with_capacity(2 * text.len());
    for word in text.split_inclusive(' ') {
        let trimmed = word.trim_end_matches(' ');
        if !trimmed.is_empty() {
            turned.push('\u{202e}');
            turned.push_str(trimmed);
            turned.push('\u{202c}');
        }
        turned.push_str(&word[trimmed.len()..]);
    }
    Cow::Owned(turned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    fn read_all(directory: &Path, into: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, into);
            } else {
                into.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }

    /// Names in calls such as `frame.text("name"`, in templates and in code.
    fn used() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        read_all(&root.join("templates"), &mut files);
        read_all(&root.join("src/page"), &mut files);
        let calls = [".text(\"", ".fill(\"", ".fill2(\"", ".fill3(\""];
        let mut names = BTreeSet::new();
        for (path, text) in files {
            if path.ends_with("message.rs") {
                continue;
            }
            for call in calls {
                for (at, _) in text.match_indices(call) {
                    let rest = &text[at + call.len()..];
                    names.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
        names
    }

    #[test]
    fn every_text_that_is_named_is_there_in_every_language() {
        let names = used();
        assert!(names.len() > 10, "{names:?}");
        for messages in [Messages::english(false), Messages::english(true)] {
            let missing: Vec<_> = names.iter().filter(|name| !messages.has(name)).collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }

    #[test]
    fn every_file_of_texts_is_listed_and_read_without_a_fault() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales/en");
        let mut files = Vec::new();
        read_all(&directory, &mut files);
        assert_eq!(files.len(), ENGLISH.len());
        for (name, text) in ENGLISH {
            assert!(FluentResource::try_new(text.to_owned()).is_ok(), "{name}");
        }
    }

    #[test]
    fn plurals_and_missing_texts() {
        let messages = Messages::english(false);
        let of = |count: usize| messages.text("course-activities", &[("count", &count)]);
        assert_eq!(
            (of(1).as_str(), of(3).as_str()),
            ("1 activity", "3 activities")
        );
        let after = |tries: u32| messages.text("quiz-hint-after", &[("tries", &tries)]);
        assert_eq!(after(1), "A hint is there after 1 try.");
        assert_eq!(after(2), "A hint is there after 2 tries.");
        assert_eq!(messages.text("no-such-text", &[]), "no-such-text");
        let turned = Messages::english(true).text("sign-in-title", &[]);
        assert!(turned.starts_with('\u{202e}'), "{turned}");
    }
}
