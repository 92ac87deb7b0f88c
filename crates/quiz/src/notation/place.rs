//! Where things stand in the file: questions, their parts, and every letter of their texts.

use std::collections::HashMap;

use super::line::Line;
use crate::defect::Defect;

/// A line and a column, both from 1.
pub(super) type Place = (usize, usize);

/// A stretch of a text that stands in one line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// Its first character, counted from 0 in the text.
    from: usize,
    place: Place,
    /// Whether it stands there letter by letter; else all of it has one place.
    is_verbatim: bool,
}

/// The stretches that a text is made of, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stretches {
    list: Vec<Stretch>,
}

impl Stretches {
    /// Of a text made of some lines.
    pub(super) fn of_lines<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>) -> Self {
        let mut stretches = Self::default();
        let mut from = 0;
        for line in lines {
            stretches.push(from, line.place(), true);
            from += line.text.chars().count() + 1;
        }
        stretches
    }

    /// Of a text that is written in another way than it reads.
    pub(super) fn whole(place: Place) -> Self {
        let mut stretches = Self::default();
        stretches.push(0, place, false);
        stretches
    }

    fn push(&mut self, from: usize, place: Place, is_verbatim: bool) {
        self.list.push(Stretch {
            from,
            place,
            is_verbatim,
        });
    }

    /// Where a character of the text stands, counted from 0.
    pub(super) fn find(&self, character: usize) -> Option<Place> {
        let after = self.list.partition_point(|one| one.from <= character);
        let stretch = self.list.get(after.checked_sub(1)?)?;
        let (line, column) = stretch.place;
        Some(if stretch.is_verbatim {
            (line, column + character - stretch.from)
        } else {
            (line, column)
        })
    }

    /// The same text from one of its characters on.
    pub(super) fn from(&self, character: usize) -> Self {
        self.part(character, usize::MAX)
    }

    /// Some characters of the text, from one on: no more is copied than they need.
    pub(super) fn part(&self, character: usize, count: usize) -> Self {
        let mut rest = Self::default();
        let Some(place) = self.find(character) else {
            return rest;
        };
        let (before, after) = self
            .list
            .split_at(self.list.partition_point(|one| one.from <= character));
        rest.push(0, place, before.last().is_some_and(|one| one.is_verbatim));
        let end = character.saturating_add(count);
        let later = after.iter().take_while(|one| one.from < end);
        rest.list.extend(later.map(|one| Stretch {
            from: one.from - character,
            ..*one
        }));
        rest
    }

    /// The places when some characters become others: each change is where it begins, how many
    /// characters go and how many come. Changes stand in their order, each within one line.
    pub(super) fn replaced(&self, changes: &[(usize, usize, usize)]) -> Self {
        let mut replaced = Self::default();
        let mut later = self.list.iter().peekable();
        let (mut gone, mut come) = (0, 0);
        for &(character, removed, added) in changes {
            while let Some(stretch) = later.next_if(|one| one.from <= character) {
                replaced.push(
                    stretch.from - gone + come,
                    stretch.place,
                    stretch.is_verbatim,
                );
            }
            let (Some(start), Some(end)) = (self.find(character), self.find(character + removed))
            else {
                continue;
            };
            let from = character - gone + come;
            replaced.push(from, start, false);
            replaced.push(from + added, end, true);
            gone += removed;
            come += added;
        }
        for stretch in later {
            replaced.push(
                stretch.from - gone + come,
                stretch.place,
                stretch.is_verbatim,
            );
        }
        replaced
    }
}

/// Where questions, pools, their parts and the letters of their texts stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    known: HashMap<(String, String), Place>,
    texts: HashMap<(String, String), Stretches>,
}

impl Places {
    pub(super) fn set(&mut self, question: &str, part: &str, place: Place) {
        self.known
            .entry((question.to_owned(), part.to_owned()))
            // Of two with the same id, the second is the one to mend.
            .and_modify(|known| *known = place)
            .or_insert(place);
    }

    pub(super) fn set_text(&mut self, question: &str, part: &str, stretches: Stretches) {
        let key = (question.to_owned(), part.to_owned());
        self.texts.insert(key, stretches);
    }

    /// Where a question or one of its parts stands, such as `option b`; the
    /// question's heading where the part is not known. Without a question, a key
    /// of the front matter.
    #[must_use]
    pub fn get(&self, question: &str, part: &str) -> Option<Place> {
        let look_up = |part: &str| {
            self.known
                .get(&(question.to_owned(), part.to_owned()))
                .copied()
        };
        let mut part = part;
        loop {
            if let Some(place) = look_up(part) {
                return Some(place);
            }
            // `blank 1 option b` stands with `blank 1`.
            part = match part.rsplit_once(' ') {
                Some((shorter, _)) => shorter,
                None if part.is_empty() => return None,
                None => "",
            };
        }
    }

    /// Where a character of the text of a part stands, counted from 0; the part where that
    /// is not known.
    #[must_use]
    pub fn get_within(&self, question: &str, part: &str, character: usize) -> Option<Place> {
        let text = self.texts.get(&(question.to_owned(), part.to_owned()));
        text.and_then(|text| text.find(character))
            .or_else(|| self.get(question, part))
    }

    pub(super) fn find(&self, defect: &Defect) -> Place {
        let question = defect.question.as_deref().unwrap_or_default();
        let place = match defect.within {
            Some(character) => self.get_within(question, &defect.part, character),
            None => self.get(question, &defect.part),
        };
        place.unwrap_or((1, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> [Line<'static>; 2] {
        [(3, 5, "é [[= a]] b"), (4, 3, "c")].map(|(number, column, text)| Line {
            number,
            column,
            text,
        })
    }

    #[test]
    fn every_character_has_its_place() {
        let stretches = Stretches::of_lines(&lines());
        assert_eq!(stretches.find(0), Some((3, 5)));
        assert_eq!(stretches.find(10), Some((3, 15)));
        assert_eq!(stretches.find(12), Some((4, 3)));
        assert_eq!(Stretches::default().find(0), None);
        assert_eq!(Stretches::whole((7, 2)).find(9), Some((7, 2)));
    }

    #[test]
    fn what_is_replaced_stands_where_it_was() {
        // `[[= a]]` becomes `[[1]]`.
        let stretches = Stretches::of_lines(&lines()).replaced(&[(2, 7, 5)]);
        assert_eq!(stretches.find(1), Some((3, 6)));
        assert_eq!(stretches.find(5), Some((3, 7)));
        assert_eq!(stretches.find(8), Some((3, 15)));
        assert_eq!(stretches.find(10), Some((4, 3)));
    }

    #[test]
    fn a_part_of_a_text_has_its_places_too() {
        let rest = Stretches::of_lines(&lines()).from(6);
        assert_eq!(rest.find(0), Some((3, 11)));
        assert_eq!(rest.find(6), Some((4, 3)));
        let part = Stretches::of_lines(&lines()).part(6, 5);
        assert_eq!(part.list.len(), 1);
        assert_eq!(part.find(0), Some((3, 11)));
    }
}
