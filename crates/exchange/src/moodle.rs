//! Moodle XML (<https://docs.moodle.org/en/Moodle_XML_format>).
//!
//! Names of elements and their meaning are those of Moodle 4.5's importer. XML
//! that declares entities is refused, so they cannot explode.

mod calculated;
pub(crate) mod cloze;
mod coderunner;
mod entity;
pub(crate) use entity::{decode, encode};
mod gaps;
mod kinds;
mod node;
pub(crate) use node::media_type;
mod read;
mod unread;
mod write;
mod written;

pub(crate) use kinds::{order_name, order_scheme};

pub use read::read;
pub use write::write;
