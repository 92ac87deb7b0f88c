//! What of a question has no place in QTI 1.2 as Canvas reads it.

use carrel_quiz::kind::{EssayFormat, Layout};

use crate::unsaid::Said;

/// What is lost of something that a question says.
pub(super) fn lost(said: Said) -> Option<&'static str> {
    Some(match said {
        Said::FeedbackOnPartlyRight => "feedback on partly right answers",
        Said::Hints => "hints",
        Said::Penalty => "the penalty for wrong tries",
        Said::Tries => "the number of tries",
        Said::Tags => "tags",
        Said::Category => "the category",
        Said::Wrong => "what a wrong answer gives",
        Said::Special => "whole answers with a share of their own",
        Said::NoneRight => "that none of its options is right",
        Said::NumberOfChoices => "how many options are to be chosen",
        Said::Numbering => "the numbering of options",
        Said::Layout { layout, in_line } => match layout {
            Layout::Vertical if in_line => "the layout of options",
            Layout::DropDown if !in_line => "the layout of options",
            Layout::Horizontal => "the layout of options",
            Layout::Standard | Layout::Vertical | Layout::DropDown => return None,
        },
        Said::FixedOption => "options that keep their place",
        Said::FeedbackOnOption { in_line: true } => "feedback on choices in a list",
        Said::FeedbackNotChosen { .. } => "feedback on options not chosen",
        Said::Tip => "tips of options",
        Said::BlankWidth => "the width of blanks",
        Said::Spaces => "how blanks are compared",
        Said::Unicode => "compatible forms of letters",
        Said::Accents => "that accents make no difference",
        Said::Typos => "typing errors that are forgiven",
        Said::FeedbackOnText { in_blank: true } | Said::FeedbackOnNumber => {
            "feedback on single answers"
        }
        Said::DecimalMark => "which decimal mark is understood",
        Said::NoFractions => "that fractions are not understood",
        Said::Units => "units: the number alone is compared",
        Said::PairsKeepOrder => "that pairs keep their order",
        Said::PairWeights => "weights of pairs",
        Said::FeedbackOnPair => "feedback on pairs",
        Said::PartWeights => {
            "the bounds of the points of all parts, and what wrong pairs give: each part counts by itself"
        }
        Said::EssayFormat(EssayFormat::Plain | EssayFormat::Code) => {
            "that an essay is written without markup"
        }
        Said::EssayLines => "the height of an essay's field",
        Said::EssayWords => "the number of words of an essay",
        Said::EssayStart => "the text that an essay starts with",
        Said::GraderNotes => "notes for graders",
        Said::NumberOfFiles => "the number of files",
        Said::FilesBesideText => "files beside a text",
        Said::FeedbackOnOption { in_line: false }
        | Said::FeedbackOnText { in_blank: false }
        | Said::EssayFormat(EssayFormat::Rich | EssayFormat::FilesOnly) => return None,
    })
}
