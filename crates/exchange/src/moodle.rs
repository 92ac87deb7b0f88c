//! Moodle XML (<https://docs.moodle.org/en/Moodle_XML_format>).
//!
//! Names of elements and their meaning are those of Moodle 4.5's importer. XML
//! that declares entities is refused, so they cannot explode.

mod calculated;
pub(crate) mod cloze;
mod coderunner;
mod entity;
pub(crate) use entity::{decode, encode};
mod formula;
mod gaps;
pub(crate) mod instead;
mod kinds;
mod links;
mod node;
pub(crate) use node::media_type;
pub(crate) mod pattern;
mod read;
mod unread;
mod write;
mod written;

pub(crate) use kinds::{order_name, order_scheme};
pub(crate) use read::{category_of, category_path};

pub use read::read;
pub use write::write;
