//! Limits of what is read, each with its name.

/// Most bytes of one file that is read.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Most questions of one file.
pub const QUESTIONS_MAX: usize = carrel_quiz::limits::QUESTIONS_MAX;
/// Most bytes of one embedded file.
pub const ATTACHMENT_BYTES_MAX: usize = 16 << 20;
/// Most bytes of all embedded files.
pub const ATTACHMENTS_BYTES_MAX: usize = 256 << 20;
/// Most problems told of one file.
pub const PROBLEMS_MAX: usize = 50;
