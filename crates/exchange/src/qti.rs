//! QTI 2.0 to 2.2 and 3.0: items, alone or in a package, read; 2.1 and 2.2 written
//! (<https://www.imsglobal.org/spec/qti/v3p0/impl>).
//!
//! The names of 3.0 are those of 2.2 in another spelling (`qti-choice-interaction`
//! is `choiceInteraction`); [`node`] reads both as one. What an item scores
//! follows from its response processing: [`processing`] recognises what a question of Carrel can
//! say, and [`trial`] runs the item's own rules beside it and compares the points.

mod body;
mod check;
mod comparison;
mod declaration;
mod expression;
mod feedback;
mod gap;
mod interaction;
mod item;
mod node;
mod number;
mod package;
mod pairs;
mod pattern;
mod processing;
mod template;
mod test;
mod trial;
mod write;

pub use check::{PointsCheck, check_points};
pub use item::read as read_item;
pub use package::read as read_package;

pub use write::write;

/// Versions that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 2.1, the one that most tools read.
    V2p1,
    /// 2.2.
    V2p2,
}

impl Version {
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::V2p1 => "http://www.imsglobal.org/xsd/imsqti_v2p1",
            Self::V2p2 => "http://www.imsglobal.org/xsd/imsqti_v2p2",
        }
    }

    pub(crate) fn templates(self) -> &'static str {
        match self {
            Self::V2p1 => "http://www.imsglobal.org/question/qti_v2p1/rptemplates/",
            Self::V2p2 => "http://www.imsglobal.org/question/qti_v2p2/rptemplates/",
        }
    }

    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::V2p1 => "v2p1",
            Self::V2p2 => "v2p2",
        }
    }

    pub(crate) fn number(self) -> &'static str {
        match self {
            Self::V2p1 => "v2.1",
            Self::V2p2 => "v2.2",
        }
    }
}
