//! Names that a learner's page has for options, items and targets: those of their places.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::answer::{Answer, BlankAnswer};
use crate::instance::Instance;
use crate::kind::{BlankKey, Choice, Kind};
use crate::question::Question;

/// An answer that names what the page did not show.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the answer to question `{question}` names `{name}`, which was not shown")]
pub struct NameError {
    /// Id of the question.
    pub question: String,
    /// What was named.
    pub name: String,
}

/// Ids in the order shown, by list as in [`Instance::order`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    question: String,
    lists: BTreeMap<String, Vec<String>>,
}

/// Places in the author's list in the order shown. What the instance does not name
/// comes last: it was added after the attempt began.
pub(super) fn order(ids: &[&str], instance: &Instance, list: &str) -> Vec<usize> {
    let mut places: Vec<usize> = (0..ids.len()).collect();
    if let Some(shown) = instance.order.get(list) {
        places.sort_by_key(|place| {
            shown
                .iter()
                .position(|id| id == ids[*place])
                .unwrap_or(usize::MAX)
        });
    }
    places
}

/// The name of a place: the first letter of its list and the number from 1.
pub(super) fn name_of(list: &str, place: usize) -> String {
    let letter = match list {
        "items" => 'i',
        "targets" => 't',
        _ => 'o',
    };
    format!("{letter}{}", place + 1)
}

impl Names {
    /// The names of one question of a paper.
    #[must_use]
    pub fn new(question: &Question, instance: &Instance) -> Self {
        let mut lists = BTreeMap::new();
        let mut add = |list: &str, ids: Vec<&str>| {
            let shown = order(&ids, instance, list);
            let shown = shown.into_iter().map(|place| ids[place].to_owned());
            lists.insert(list.to_owned(), shown.collect());
        };
        match &question.kind {
            Kind::Choice(choice) => add("options", option_ids(choice)),
            Kind::Blanks(blanks) => {
                for blank in &blanks.blanks {
                    if let BlankKey::Choice(choice) = &blank.key {
                        add(&format!("blank {}", blank.id), option_ids(choice));
                    }
                }
            }
            Kind::Matching(matching) => {
                let items = matching.items.iter().map(|item| item.id.as_str());
                add("items", items.collect());
                let targets = matching.targets.iter().map(|target| target.id.as_str());
                add("targets", targets.collect());
            }
            Kind::Ordering(ordering) => {
                let items = ordering.items.iter().chain(&ordering.distractors);
                add("items", items.map(|item| item.id.as_str()).collect());
            }
            _ => {}
        }
        Self {
            question: question.id.clone(),
            lists,
        }
    }

    /// The answer of a page in the author's ids, as attempts keep it.
    ///
    /// # Errors
    /// When it names what was not shown.
    pub fn answer_from_page(&self, answer: Answer) -> Result<Answer, NameError> {
        self.translate(answer, &|list, name| {
            self.id(list, name).ok_or_else(|| NameError {
                question: self.question.clone(),
                name: name
                    .chars()
                    .take(crate::limits::ID_CHARACTERS_MAX)
                    .collect(),
            })
        })
    }

    /// An answer in the author's ids as the page names it; what is not there any more is left out.
    #[must_use]
    pub fn answer_for_page(&self, answer: Answer) -> Answer {
        // An empty name marks what is gone; no place has one.
        let translated: Result<Answer, std::convert::Infallible> = self
            .translate(answer, &|list, id| {
                Ok(self.name(list, id).unwrap_or_default())
            });
        match translated {
            Ok(mut answer) => {
                leave_out_empty(&mut answer);
                answer
            }
            Err(never) => match never {},
        }
    }

    /// How the page names a part of a score or of its feedback: an option or an item;
    /// blanks and lines keep their own.
    #[must_use]
    pub fn part_for_page(&self, part: &str) -> String {
        let name = self
            .name("options", part)
            .or_else(|| self.name("items", part));
        name.unwrap_or_else(|| part.to_owned())
    }

    fn id(&self, list: &str, name: &str) -> Option<String> {
        let shown = self.lists.get(list)?;
        let place: usize = name.get(1..)?.parse().ok()?;
        let id = shown.get(place.checked_sub(1)?)?;
        (name_of(list, place - 1) == name).then(|| id.clone())
    }

    fn name(&self, list: &str, id: &str) -> Option<String> {
        let place = self.lists.get(list)?.iter().position(|known| known == id)?;
        Some(name_of(list, place))
    }

    fn translate<E>(
        &self,
        answer: Answer,
        word: &dyn Fn(&str, &str) -> Result<String, E>,
    ) -> Result<Answer, E> {
        let all = |list: &str, words: Vec<String>| -> Result<Vec<String>, E> {
            words.iter().map(|one| word(list, one)).collect()
        };
        Ok(match answer {
            Answer::Choice { options } => Answer::Choice {
                options: all("options", options)?,
            },
            Answer::Ordering { items } => Answer::Ordering {
                items: all("items", items)?,
            },
            Answer::Matching { targets } => {
                let pairs = targets
                    .iter()
                    .map(|(item, target)| Ok((word("items", item)?, word("targets", target)?)));
                Answer::Matching {
                    targets: pairs.collect::<Result<_, E>>()?,
                }
            }
            Answer::Blanks { blanks } => {
                let blanks = blanks.into_iter().map(|(id, given)| {
                    let given = match given {
                        BlankAnswer::Chosen(options) => {
                            BlankAnswer::Chosen(all(&format!("blank {id}"), options)?)
                        }
                        typed @ BlankAnswer::Typed(_) => typed,
                    };
                    Ok((id, given))
                });
                Answer::Blanks {
                    blanks: blanks.collect::<Result<_, E>>()?,
                }
            }
            other => other,
        })
    }
}

fn option_ids(choice: &Choice) -> Vec<&str> {
    choice
        .options
        .iter()
        .map(|option| option.id.as_str())
        .collect()
}

fn leave_out_empty(answer: &mut Answer) {
    match answer {
        Answer::Choice { options } => options.retain(|name| !name.is_empty()),
        Answer::Ordering { items } => items.retain(|name| !name.is_empty()),
        Answer::Matching { targets } => {
            targets.retain(|item, target| !item.is_empty() && !target.is_empty());
        }
        Answer::Blanks { blanks } => {
            for given in blanks.values_mut() {
                if let BlankAnswer::Chosen(options) = given {
                    options.retain(|name| !name.is_empty());
                }
            }
        }
        _ => {}
    }
}
