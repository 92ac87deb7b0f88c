//! Whole answers with a share of their own: `special 0.5: c a b`.

use std::collections::BTreeMap;

use super::{Entry, Reader};
use crate::answer::Answer;
use crate::kind::Kind;
use crate::notation::rich;
use crate::question::{Question, SpecialAnswer};

impl Reader<'_> {
    pub(super) fn read_special(&mut self, entries: &[Entry<'_>], question: &mut Question) {
        for entry in entries {
            let number = question.special.len() + 1;
            self.place(&format!("special {number}"), entry.place);
            let words = self.one_line(entry);
            let ids = words.split_whitespace().map(str::to_owned);
            let answer = match &question.kind {
                Kind::Choice(_) => Some(Answer::Choice {
                    options: ids.collect(),
                }),
                Kind::Ordering(_) => Some(Answer::Ordering {
                    items: ids.collect(),
                }),
                Kind::Matching(_) => {
                    let pair = |word: String| {
                        let (item, target) = word.split_once('=')?;
                        Some((item.to_owned(), target.to_owned()))
                    };
                    let targets: Option<BTreeMap<String, String>> = ids.map(pair).collect();
                    targets.map(|targets| Answer::Matching { targets })
                }
                _ => None,
            };
            let Some(answer) = answer else {
                self.problems.push(
                    entry.place,
                    "what gives a share of its own cannot be read",
                    "write the ids of options (`special 0.5: a c`), of items in their order (`special 0.5: 2 1 3`), or of items and targets (`special 0.5: 1=b 2=a`); other kinds of questions have none",
                );
                continue;
            };
            let share = rich::parse_number(entry.argument());
            if share.is_none() {
                self.problems.push(
                    entry.place,
                    format!("`{}` is no number", entry.argument()),
                    "write the share of the points before the colon: `special 0.5: a c`",
                );
            }
            let share = share.unwrap_or(0.0);
            question.special.push(SpecialAnswer { answer, share });
        }
    }
}
