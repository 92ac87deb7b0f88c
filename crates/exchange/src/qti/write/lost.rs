//! What of a question has no place in QTI 2.

use carrel_quiz::kind::Layout;

use crate::unsaid::Said;

/// What is lost of something that a question says.
pub(super) fn lost(said: Said) -> Option<&'static str> {
    Some(match said {
        Said::Hints => "hints",
        Said::Penalty => "the penalty for wrong tries",
        Said::Tries => "the number of tries",
        Said::Tags => "tags",
        Said::Category => "the category",
        Said::NoneRight => {
            "that none of its options is right: in QTI only what is chosen gives points"
        }
        Said::Numbering => "the numbering of options",
        Said::Layout { layout, in_line } => match layout {
            Layout::Vertical | Layout::Horizontal if in_line => "the layout of options",
            Layout::DropDown if !in_line => "the layout of options",
            Layout::Standard | Layout::Vertical | Layout::Horizontal | Layout::DropDown => {
                return None;
            }
        },
        Said::FeedbackOnOption { in_line: true } | Said::FeedbackNotChosen { in_line: true } => {
            "feedback on choices in the line"
        }
        Said::Tip => "tips of options",
        Said::Spaces => "how blanks are compared",
        Said::Unicode => "compatible forms of letters",
        Said::Accents => "that accents make no difference",
        Said::Typos => "typing errors that are forgiven",
        Said::FeedbackOnText { .. } | Said::FeedbackOnNumber => "feedback on single answers",
        Said::DecimalMark => "which decimal mark is understood",
        Said::NoFractions => "that fractions are not understood",
        Said::Units => "units: the number alone is compared",
        Said::FeedbackOnPair => "feedback on pairs",
        Said::EssayWords => "the number of words of an essay",
        Said::EssayStart => "the text that an essay starts with",
        Said::GraderNotes => "notes for graders",
        Said::NumberOfFiles => "the number of files: QTI takes one",
        Said::FilesBesideText => "files beside a text",
        Said::FeedbackOnPartlyRight
        | Said::Wrong
        | Said::Special
        | Said::NumberOfChoices
        | Said::FixedOption
        | Said::FeedbackOnOption { in_line: false }
        | Said::FeedbackNotChosen { in_line: false }
        | Said::BlankWidth
        | Said::PairsKeepOrder
        | Said::PairWeights
        | Said::PartWeights
        | Said::EssayFormat(_)
        | Said::EssayLines => return None,
    })
}
