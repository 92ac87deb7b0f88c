//! Words of the notation for settings with a few values.

use crate::kind::{
    Case, DecimalMark, EssayFormat, Layout, LineScheme, Numbering, OrderScheme, Spaces, UnicodeForm,
};

/// A setting with a few values, each with its word.
pub(super) trait Words: Copy + PartialEq + 'static {
    /// Values and words.
    const WORDS: &'static [(Self, &'static str)];

    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(value, _)| *value)
    }

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(value, _)| *value == self)
            .map_or("", |(_, word)| *word)
    }
}

impl Words for bool {
    const WORDS: &'static [(Self, &'static str)] = &[(true, "yes"), (false, "no")];
}

impl Words for LineScheme {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::EachPart, "each part"),
        (Self::AllOrNothing, "all or nothing"),
    ];
}

impl Words for OrderScheme {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Positions, "positions"),
        (Self::LongestCommonSubsequence, "longest common subsequence"),
        (Self::Neighbours, "neighbours"),
        (Self::AllOrNothing, "all or nothing"),
    ];
}

impl Words for Numbering {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::None, "none"),
        (Self::LowerLetters, "a"),
        (Self::UpperLetters, "A"),
        (Self::Digits, "1"),
        (Self::LowerRoman, "i"),
        (Self::UpperRoman, "I"),
    ];
}

impl Words for Layout {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Standard, "standard"),
        (Self::Vertical, "vertical"),
        (Self::Horizontal, "horizontal"),
        (Self::DropDown, "drop-down"),
    ];
}

impl Words for Case {
    const WORDS: &'static [(Self, &'static str)] =
        &[(Self::Ignore, "ignore"), (Self::Exact, "exact")];
}

impl Words for Spaces {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Collapse, "collapse"),
        (Self::Trim, "trim"),
        (Self::Remove, "remove"),
        (Self::Exact, "exact"),
    ];
}

impl Words for UnicodeForm {
    const WORDS: &'static [(Self, &'static str)] = &[(Self::Nfc, "nfc"), (Self::Nfkc, "nfkc")];
}

impl Words for DecimalMark {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Either, "either"),
        (Self::Point, "point"),
        (Self::Comma, "comma"),
        (Self::CommaOrPoint, "comma or point"),
    ];
}

impl Words for EssayFormat {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Rich, "rich"),
        (Self::Plain, "plain"),
        (Self::Code, "code"),
        (Self::FilesOnly, "files only"),
    ];
}
