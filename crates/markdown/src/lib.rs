//! Authors' Markdown as HTML that is safe to show: pure, one renderer for lessons, instructions,
//! questions and feedback.
//!
//! # Theory of operation
//!
//! Markdown is read as events ([`pulldown_cmark`]). Code and mathematics become HTML of our own
//! making ([`highlight`], [`mathematics`]), for which a placeholder of two private-use characters
//! and a number stands in the text meanwhile. What the events give, with any HTML the author wrote,
//! is cleaned by a parser of HTML that knows an allowlist ([`clean`]); only then are placeholders
//! replaced. So nothing that an author writes reaches a page unparsed, and nothing of ours needs
//! to be allowed to authors.
//!
//! No inline style and no script is ever written: pages forbid both.

mod clean;
mod heading;
pub mod highlight;
mod mathematics;
mod path;
mod render;

pub use heading::HeadingIds;
pub use render::{Rendered, dialect, render, render_html};

use std::sync::Arc;

/// Longest Markdown text, bytes; what is beyond is left out and told.
pub const TEXT_BYTES_MAX: usize = 1 << 20;
/// Most problems told of one text.
pub const PROBLEMS_MAX: usize = 100;

/// Where links and images of a text lead.
pub trait Targets: Send + Sync {
    /// Address of a file of the course, by its path from the course's directory; `None`: there is
    /// no such file, or none that readers may have.
    fn file(&self, path: &str) -> Option<String>;
    /// Address of the page that a Markdown file of the course becomes; `None`: it becomes none.
    fn page(&self, path: &str) -> Option<String>;
}

/// Of a text that stands in no directory: it has no files.
#[derive(Debug, Clone, Copy)]
pub struct NoTargets;

impl Targets for NoTargets {
    fn file(&self, _: &str) -> Option<String> {
        None
    }

    fn page(&self, _: &str) -> Option<String> {
        None
    }
}

/// Words that the renderer itself writes, in the reader's language.
#[derive(Debug, Clone)]
pub struct Words {
    /// Titles of the callouts note, tip, important, warning and caution.
    pub callouts: [String; 5],
}

impl Default for Words {
    fn default() -> Self {
        Self {
            callouts: ["Note", "Tip", "Important", "Warning", "Caution"].map(str::to_owned),
        }
    }
}

/// How a text is rendered.
#[derive(Clone)]
pub struct Setting {
    /// Directory of the text, from the course's directory; links and images are relative to it.
    pub directory: String,
    /// Where they lead.
    pub targets: Arc<dyn Targets>,
    /// Words of the reader's language.
    pub words: Words,
    /// Levels of headings that the page has above the text: its own highest comes right below them.
    pub heading_shift: u8,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Setting")
            .field("directory", &self.directory)
            .field("heading_shift", &self.heading_shift)
            .finish_non_exhaustive()
    }
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            directory: String::new(),
            targets: Arc::new(NoTargets),
            words: Words::default(),
            heading_shift: 0,
        }
    }
}
