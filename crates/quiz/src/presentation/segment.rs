//! The text of a question cut where its blanks stand.

use super::ShownBlank;

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Segment<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A blank.
    Blank(&'a ShownBlank),
}

/// Where a blank stands.
pub(super) fn find(text: &str, id: &str) -> Option<usize> {
    text.find(&format!("[[{id}]]"))
}

/// Cuts a text; a blank stands where it is named first.
pub(super) fn cut<'a>(text: &'a str, blanks: &'a [ShownBlank]) -> Vec<Segment<'a>> {
    let mut places: Vec<(usize, &ShownBlank)> = blanks
        .iter()
        .filter_map(|blank| find(text, &blank.id).map(|at| (at, blank)))
        .collect();
    places.sort_by_key(|(at, _)| *at);
    let mut segments = Vec::new();
    let mut from = 0;
    for (at, blank) in places {
        if at > from {
            segments.push(Segment::Text(&text[from..at]));
        }
        segments.push(Segment::Blank(blank));
        from = at + blank.id.len() + "[[]]".len();
    }
    if from < text.len() {
        segments.push(Segment::Text(&text[from..]));
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presentation::BlankField;

    #[test]
    fn text_is_cut_where_blanks_stand_and_nowhere_else() {
        let blank = |id: &str| ShownBlank {
            id: id.to_owned(),
            width: None,
            field: BlankField::Text,
        };
        let blanks = [blank("b"), blank("1")];
        let segments = cut("[[1]] and [[x]] é[[b]][[b]]", &blanks);
        assert_eq!(
            segments,
            [
                Segment::Blank(&blanks[1]),
                Segment::Text(" and [[x]] é"),
                Segment::Blank(&blanks[0]),
                Segment::Text("[[b]]"),
            ]
        );
        assert!(cut("", &[]).is_empty());
    }
}
