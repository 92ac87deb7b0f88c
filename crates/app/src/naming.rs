//! Ids and titles made of the names of files and directories: the same name gives the same each time.

/// Longest id that is made of a name.
const ID_CHARACTERS_MAX: usize = 48;

/// An id: small letters, digits and hyphens.
#[must_use]
pub fn id_of(name: &str, without: &str) -> String {
    let mut id = String::new();
    for letter in name.chars() {
        if id.len() >= ID_CHARACTERS_MAX {
            break;
        }
        if letter.is_ascii_alphanumeric() {
            id.push(letter.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    match id.trim_end_matches('-') {
        "" => without.to_owned(),
        id => id.to_owned(),
    }
}

/// A title: words, the first with a capital.
#[must_use]
pub fn title_of(name: &str, without: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    let words = spaced.trim_matches(|letter: char| !letter.is_alphanumeric());
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => without.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids_and_titles() {
        assert_eq!(id_of("Week 3_Loops (final)", "quiz"), "week-3-loops-final");
        assert_eq!(id_of("日本", "quiz"), "quiz");
        assert!(id_of(&"long ".repeat(100), "quiz").len() <= ID_CHARACTERS_MAX);
        assert_eq!(title_of("week-3_loops", "Quiz"), "Week 3 loops");
        assert_eq!(title_of("..", "Course"), "Course");
    }
}
