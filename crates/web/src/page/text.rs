//! Authors' texts as HTML, kept in memory once they are rendered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use carrel_markdown::{Setting, Words};
use carrel_quiz::text::{Text, TextFormat};
use sha2::{Digest as _, Sha256};

use super::Frame;
use super::place::Place;
use crate::app::App;
use crate::catalogue::run_blocking;
use crate::problem::Result;

/// Most bytes of HTML that are kept; the longest unused goes first.
const KEPT_BYTES_MAX: usize = 32 << 20;

/// Rendered texts.
#[derive(Debug, Default)]
pub struct Texts {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    clock: u64,
    bytes: usize,
    texts: BTreeMap<[u8; 32], (u64, Arc<str>)>,
}

impl Texts {
    fn find(&self, key: &[u8; 32]) -> Option<Arc<str>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        let (used, text) = kept.texts.get_mut(key)?;
        *used = clock;
        Some(Arc::clone(text))
    }

    fn keep(&self, key: [u8; 32], text: &Arc<str>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        if let Some((_, old)) = kept.texts.insert(key, (clock, Arc::clone(text))) {
            kept.bytes -= old.len();
        }
        kept.bytes += text.len();
        while kept.bytes > KEPT_BYTES_MAX {
            let oldest = kept.texts.iter().min_by_key(|(_, (used, _))| *used);
            let Some(oldest) = oldest.map(|(key, _)| *key) else {
                return;
            };
            if let Some((_, old)) = kept.texts.remove(&oldest) {
                kept.bytes -= old.len();
            }
        }
    }
}

/// A text to be rendered.
#[derive(Debug, Clone)]
pub struct Source {
    /// Directory it stands in, from the course's.
    pub directory: String,
    /// The text.
    pub text: Text,
    /// How many levels its headings go down.
    pub heading_shift: u8,
    /// It stands within a line: a single paragraph is written without being one.
    pub inline: bool,
}

impl Source {
    /// A Markdown text of its own.
    #[must_use]
    pub fn markdown(directory: &str, text: &str) -> Self {
        Self {
            directory: directory.to_owned(),
            text: Text::markdown(text),
            heading_shift: 1,
            inline: false,
        }
    }

    fn key(&self, version: &str, language: &str) -> [u8; 32] {
        let format = match self.text.format {
            TextFormat::Markdown => "markdown",
            TextFormat::Html => "html",
            TextFormat::Plain => "plain",
        };
        let mut digest = Sha256::new();
        for part in [
            version,
            language,
            format,
            &self.directory,
            &self.text.source,
        ] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.update([self.heading_shift, u8::from(self.inline)]);
        digest.finalize().into()
    }

    fn render(&self, place: &Place, words: &Words) -> Arc<str> {
        let setting = Setting {
            directory: self.directory.clone(),
            targets: Arc::new(place.clone()),
            words: words.clone(),
            heading_shift: self.heading_shift,
        };
        let html = match self.text.format {
            TextFormat::Markdown => carrel_markdown::render(&self.text.source, &setting).html,
            TextFormat::Html => carrel_markdown::render_html(&self.text.source, &setting).html,
            TextFormat::Plain => plain(&self.text.source),
        };
        let html = if self.inline {
            within_line(&html)
        } else {
            &html
        };
        Arc::from(html)
    }
}

/// A text without markup: its lines stay lines.
fn plain(text: &str) -> String {
    carrel_markdown::highlight::escape(text).replace('\n', "<br>\n")
}

/// A single paragraph without its tags; anything else as it is.
fn within_line(html: &str) -> &str {
    let trimmed = html.trim();
    let inner = trimmed
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"));
    inner
        .filter(|inner| !inner.contains("<p>"))
        .unwrap_or(trimmed)
}

/// Renders texts of one place, in the order given.
///
/// # Errors
/// Rendering failed: a fault of ours.
pub async fn render(
    app: &App,
    frame: &Frame,
    place: &Place,
    sources: Vec<Source>,
) -> Result<Vec<Arc<str>>> {
    let words = words_of(frame);
    let language = frame.language();
    let (texts, place) = (Arc::clone(&app.texts), place.clone());
    run_blocking(move || {
        let render = |source: &Source| {
            let key = source.key(&place.version, language);
            texts.find(&key).unwrap_or_else(|| {
                let text = source.render(&place, &words);
                texts.keep(key, &text);
                text
            })
        };
        sources.iter().map(render).collect()
    })
    .await
}

/// Renders one Markdown text that stands by itself.
///
/// # Errors
/// Rendering failed: a fault of ours.
pub async fn render_markdown(
    app: &App,
    frame: &Frame,
    place: &Place,
    (directory, text): (&str, &str),
) -> Result<Arc<str>> {
    let source = Source::markdown(directory, text);
    let mut rendered = render(app, frame, place, vec![source]).await?;
    Ok(rendered.pop().unwrap_or_else(|| Arc::from("")))
}

fn words_of(frame: &Frame) -> Words {
    Words {
        callouts: [
            frame.text("callout-note"),
            frame.text("callout-tip"),
            frame.text("callout-important"),
            frame.text("callout-warning"),
            frame.text("callout-caution"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_paragraph_stands_within_a_line() {
        assert_eq!(within_line("<p>a <b>b</b></p>\n"), "a <b>b</b>");
        let two = "<p>a</p>\n<p>b</p>";
        assert_eq!(within_line(two), two);
        assert_eq!(within_line("<pre>x</pre>\n"), "<pre>x</pre>");
    }

    #[test]
    fn lines_of_a_text_without_markup_stay_lines() {
        assert_eq!(plain("a < b\nc"), "a &lt; b<br>\nc");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let texts = Texts::default();
        let long: Arc<str> = Arc::from("x".repeat(KEPT_BYTES_MAX / 4));
        for key in 0..6_u8 {
            texts.keep([key; 32], &long);
            texts.find(&[0; 32]);
        }
        let kept = texts.kept.lock().unwrap();
        assert!(kept.bytes <= KEPT_BYTES_MAX && kept.texts.len() == 4);
        assert!(
            kept.texts.contains_key(&[0; 32]),
            "the one that is used stays"
        );
    }

    #[test]
    fn texts_differ_by_all_that_decides_how_they_look() {
        let one = Source::markdown("a", "b");
        let mut other = one.clone();
        assert_eq!(one.key("v", "en"), other.key("v", "en"));
        assert_ne!(one.key("v", "en"), one.key("w", "en"));
        other.inline = true;
        assert_ne!(one.key("v", "en"), other.key("v", "en"));
        let moved = Source::markdown("ab", "");
        assert_ne!(one.key("v", "en"), moved.key("v", "en"));
    }
}
