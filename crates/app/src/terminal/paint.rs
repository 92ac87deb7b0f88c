//! Colours, by what they mean.

use std::fmt::Display;

/// Puts text into colour, or leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Colours are on.
    pub colour: bool,
}

impl Paint {
    /// Something is right.
    #[must_use]
    pub fn good(self, text: impl Display) -> String {
        self.wrap("32", text)
    }

    /// Something is wrong.
    #[must_use]
    pub fn bad(self, text: impl Display) -> String {
        self.wrap("31", text)
    }

    /// Something to look at.
    #[must_use]
    pub fn warn(self, text: impl Display) -> String {
        self.wrap("33", text)
    }

    /// Something less important.
    #[must_use]
    pub fn dim(self, text: impl Display) -> String {
        self.wrap("2", text)
    }

    /// A heading.
    #[must_use]
    pub fn strong(self, text: impl Display) -> String {
        self.wrap("1", text)
    }

    /// Select Graphic Rendition codes of ECMA-48 §8.3.117.
    fn wrap(self, code: &str, text: impl Display) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_off_or_on() {
        assert_eq!(Paint { colour: false }.good("x"), "x");
        assert_eq!(Paint { colour: true }.good("x"), "\u{1b}[32mx\u{1b}[0m");
    }
}
