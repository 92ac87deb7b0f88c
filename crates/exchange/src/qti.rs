//! QTI 2.0 to 2.2 and 3.0: items, alone or in a package
//! (<https://www.imsglobal.org/spec/qti/v3p0/impl>).
//!
//! The names of 3.0 are those of 2.2 in another spelling (`qti-choice-interaction`
//! is `choiceInteraction`); [`node`] reads both as one. What an item scores
//! follows from its response declarations and from a response processing that is
//! one of the standard templates or says the same in rules of its own.

mod body;
mod declaration;
mod gap;
mod interaction;
mod item;
mod node;
mod package;
mod processing;

pub use item::read as read_item;
pub use package::read as read_package;
