//! What stands around a page: who looks at it, in which language and colours.

use std::convert::Infallible;
use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use jiff::Timestamp;

use super::asset;
use super::locale::Locale;
use super::message::{Argument, Pair};
use crate::caller::{Caller, Recognised};

/// Cookie with the reader's choice of colours; scripts write it.
const THEME: &str = "carrel-theme";

/// The frame of a page; every page's template has one as `frame`.
#[derive(Debug, Clone)]
pub struct Frame {
    locale: &'static Locale,
    theme: Option<&'static str>,
    caller: Option<Caller>,
    path: String,
}

impl Frame {
    /// The frame of the page that a request asks for.
    pub fn of(parts: &Parts) -> Self {
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let caller = match parts.extensions.get::<Recognised>() {
            Some(Recognised::Caller(caller)) => Some(caller.clone()),
            _ => None,
        };
        Self {
            locale: Locale::choose(text(ACCEPT_LANGUAGE)),
            theme: text(COOKIE).and_then(find_theme),
            caller,
            path: parts.uri.path().to_owned(),
        }
    }

    /// Language of the page.
    pub fn language(&self) -> &'static str {
        self.locale.tag
    }

    /// Direction of the page.
    pub fn direction(&self) -> &'static str {
        self.locale.direction
    }

    /// What the reader chose; `None`: as the system says.
    pub fn theme(&self) -> Option<&'static str> {
        self.theme
    }

    /// Name of who is signed in.
    pub fn person(&self) -> Option<&str> {
        let user = self.caller.as_ref()?.user();
        Some(&user.display_name)
    }

    /// Whether they run the service.
    pub fn is_operator(&self) -> bool {
        self.caller.as_ref().is_some_and(Caller::is_operator)
    }

    /// Whether they are an author of the course.
    pub fn is_author(&self, course: &str) -> bool {
        self.caller
            .as_ref()
            .is_some_and(|caller| caller.writes(course))
    }

    /// Whether they run the course.
    pub fn is_operator_of(&self, course: &str) -> bool {
        let caller = self.caller.as_ref();
        caller.is_some_and(|caller| caller.is_operator_of(course))
    }

    /// Whether the page lies at or below a path: for marks in the navigation.
    pub fn is_below(&self, path: &str) -> bool {
        let rest = self.path.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// A text of the catalogue.
    pub fn text(&self, name: &str) -> String {
        self.locale.messages.text(name, &[])
    }

    /// A text with one thing put into it.
    pub fn fill(&self, name: &str, key: &'static str, value: impl Argument) -> String {
        self.locale.messages.text(name, &[(key, &value)])
    }

    /// A text with two things put into it.
    pub fn fill2(&self, name: &str, first: impl Pair, second: impl Pair) -> String {
        self.locale
            .messages
            .text(name, &[first.pair(), second.pair()])
    }

    /// So many points of so many, in this text: its plural goes by how many there are.
    pub fn points_of(&self, name: &str, points: f64, most: f64) -> String {
        let (told, of) = (self.number(points), self.number(most));
        self.locale
            .messages
            .text(name, &[("points", &told), ("most", &of), ("count", &most)])
    }

    /// A length of time as the language writes it, with the number for its plural.
    pub fn span(&self, name: &str, length: f64) -> String {
        self.fill2(name, ("length", self.number(length)), ("count", length))
    }

    /// A number as the language writes it.
    pub fn number(&self, number: impl Into<f64>) -> String {
        self.locale.number(number.into())
    }

    /// Points as the language writes them; by reference, as templates hand fields over.
    pub fn points(&self, points: &f64) -> String {
        self.locale.number(*points)
    }

    /// How long something took, with its unit.
    pub fn duration(&self, ms: f64) -> String {
        let (name, value) = match ms {
            ms if ms < 10.0 => ("duration-milliseconds", ms),
            ms if ms < 1_000.0 => ("duration-milliseconds", ms.round()),
            ms if ms < 120_000.0 => ("duration-seconds", ms / 1_000.0),
            ms => ("duration-minutes", (ms / 60_000.0).round()),
        };
        self.fill(name, "number", self.number(value))
    }

    /// A time as markup: in UTC here, in the reader's zone and manner where scripts run.
    pub fn time(&self, time: impl std::borrow::Borrow<Timestamp>) -> String {
        let time = time.borrow();
        let shown = time.strftime("%Y-%m-%d %H:%M UTC");
        format!("<time datetime=\"{time}\" data-local>{shown}</time>")
    }

    /// Address of the style sheet.
    pub fn style(&self) -> String {
        asset::style()
    }

    /// Markup that runs an entry of `web-ui/src/islands` and loads all it needs at once.
    pub fn scripts(&self, entry: &str) -> String {
        let mut markup = String::new();
        for (number, file) in asset::bundle(entry).enumerate() {
            // Names of our own build: nothing to escape.
            let _ = match number {
                0 => write!(markup, "<script type=\"module\" src=\"{file}\"></script>"),
                _ => write!(markup, "<link rel=\"modulepreload\" href=\"{file}\">"),
            };
        }
        markup
    }

    /// Markup that loads a module early which the page's script asks for later, by its source's
    /// path (`src/…` or `node_modules/…`).
    pub fn preload(&self, source: &str) -> String {
        let mut markup = String::new();
        for file in asset::bundle(source) {
            let _ = write!(markup, "<link rel=\"modulepreload\" href=\"{file}\">");
        }
        markup
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

fn find_theme(cookies: &str) -> Option<&'static str> {
    let mut pairs = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == THEME)?;
    ["light", "dark"].into_iter().find(|theme| *theme == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_one_of_ours_or_none() {
        assert_eq!(find_theme("a=b; carrel-theme=dark"), Some("dark"));
        assert_eq!(find_theme("carrel-theme=\"><script>"), None);
        assert_eq!(find_theme("xcarrel-theme=dark"), None);
    }
}
