//! Ids that stand in addresses: of units, lessons, quizzes, challenges and projects.

/// Most characters of an id.
pub(crate) const ID_CHARACTERS_MAX: usize = 120;
/// What an id looks like.
pub(crate) const HINT: &str =
    "ids have lower-case letters, digits and `-`, and begin with a letter or digit";

/// Whether a text is an id: lower-case letters, digits and `-`, beginning with a letter or digit.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.starts_with('-')
        && !text.is_empty()
        && text.len() <= ID_CHARACTERS_MAX
        && text.chars().all(allowed)
}
