//! Limits of quizzes and answers, each with its name.

/// Most bytes of one notation file.
pub const NOTATION_BYTES_MAX: usize = 32 << 20;
/// Most questions of one quiz, those of its pools included.
pub const QUESTIONS_MAX: usize = 20_000;
/// Most options, pairs, items, blanks or answers of one question.
pub const PARTS_MAX: usize = 500;
/// Most bytes of one text of an author.
pub const TEXT_BYTES_MAX: usize = 1 << 20;
/// Most bytes of everything that a learner answers to one question.
pub const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Most characters of one answer that is compared with patterns.
pub const TYPED_CHARACTERS_MAX: usize = 10_000;
/// Most bytes of a compiled regular expression.
pub const REGEX_BYTES_MAX: usize = 1 << 20;
/// Most characters of a pattern.
pub const PATTERN_CHARACTERS_MAX: usize = 4_000;
/// Most differing letters that a spelling rule may forgive.
pub const TYPOS_MAX: u32 = 5;
/// Most variables of one question.
pub const VARIABLES_MAX: usize = 100;
/// Most bytes of an expression.
pub const EXPRESSION_BYTES_MAX: usize = 2_000;
/// Deepest nesting of an expression.
pub const EXPRESSION_DEPTH_MAX: usize = 50;
/// Most draws of variables until their conditions hold.
pub const CONDITION_DRAWS_MAX: u32 = 1_000;
/// Most characters of an id.
pub const ID_CHARACTERS_MAX: usize = 100;
