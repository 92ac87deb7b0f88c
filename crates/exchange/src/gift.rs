//! GIFT, Moodle's text format (<https://docs.moodle.org/en/GIFT_format>).
//!
//! Questions are separated by blank lines. `\` makes one of `~ = # { } : \`
//! a plain character, `\n` is a line break.

mod block;
mod ordering;
mod read;
pub(crate) use read::letter_id;
mod write;

pub use read::read;
pub use write::write;

/// Characters that have a meaning of their own and are escaped by `\`.
const SPECIAL: [char; 7] = ['~', '=', '#', '{', '}', ':', '\\'];
