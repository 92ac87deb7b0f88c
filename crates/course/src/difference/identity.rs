//! Ids that come to name something else.
//!
//! What learners did is kept by id: attempts by quiz and question, submissions by
//! challenge. So an id that names another thing is told before a version is
//! published, also where that was in a version long ago.

use std::collections::BTreeMap;

use super::outline::kind_of;
use super::{Change, Difference, SubjectDifference, SubjectKind};
use crate::course::Course;

/// What the ids of one version, or of several, name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    /// Units and activities.
    subjects: BTreeMap<String, SubjectKind>,
    /// The kinds of questions by the id of their quiz and their own.
    questions: BTreeMap<(String, String), &'static str>,
}

/// An id that named something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reuse {
    /// The unit or activity of this id, or the quiz of the question.
    pub subject: String,
    /// The question; `None`: the subject itself.
    pub question: Option<String>,
    /// What it named, such as `a challenge` or `an essay question`.
    pub before: String,
    /// What it names.
    pub after: String,
    /// Which of them it is.
    pub what: Reused,
}

/// What is another thing than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reused {
    /// A unit or activity of this kind is one of another.
    Subject(SubjectKind),
    /// A question has another kind.
    Question,
    /// A question stands in another quiz. Answers stay with the one that it came from.
    Moved,
}

impl Identities {
    /// What the ids of a version name.
    #[must_use]
    pub fn of(course: &Course) -> Self {
        let units = course.units.iter();
        let mut subjects: BTreeMap<String, SubjectKind> = units
            .map(|unit| (unit.id.clone(), SubjectKind::Unit))
            .collect();
        let activities = course.activities();
        subjects
            .extend(activities.map(|(_, activity)| (activity.id.clone(), kind_of(activity.kind))));
        let mut questions = BTreeMap::new();
        for quiz in &course.quizzes {
            for question in quiz.quiz.questions() {
                let key = (quiz.quiz.id.clone(), question.id.clone());
                questions.insert(key, question.kind.name());
            }
        }
        Self {
            subjects,
            questions,
        }
    }

    /// Whether the other version has ids that this one knows nothing of.
    #[must_use]
    pub fn lacks_some_of(&self, other: &Self) -> bool {
        let is_new = |id: &String| !self.subjects.contains_key(id);
        other.subjects.keys().any(is_new)
            || other
                .questions
                .keys()
                .any(|key| !self.questions.contains_key(key))
    }

    /// Learns what an older version named; what is known of newer ones stays.
    pub fn add_older(&mut self, older: Self) {
        for (id, kind) in older.subjects {
            self.subjects.entry(id).or_insert(kind);
        }
        for (key, kind) in older.questions {
            self.questions.entry(key).or_insert(kind);
        }
    }

    /// The ids that named something else before, by what is known of earlier versions.
    #[must_use]
    pub fn find_reused(&self, after: &Self) -> Vec<Reuse> {
        let mut found = Vec::new();
        for (id, kind) in &after.subjects {
            if let Some(before) = self.subjects.get(id).filter(|before| *before != kind) {
                found.push(Reuse {
                    subject: id.clone(),
                    question: None,
                    before: with_article(before.name()),
                    after: with_article(kind.name()),
                    what: Reused::Subject(*before),
                });
            }
        }
        for ((quiz, question), kind) in &after.questions {
            let key = (quiz.clone(), question.clone());
            if let Some(before) = self.questions.get(&key).filter(|before| *before != kind) {
                found.push(Reuse {
                    subject: quiz.clone(),
                    question: Some(question.clone()),
                    before: name_question(before),
                    after: name_question(kind),
                    what: Reused::Question,
                });
            }
        }
        found
    }

    /// The questions that left one quiz for another from this version to the next.
    fn find_moved(&self, after: &Self) -> Vec<Reuse> {
        let mut left: BTreeMap<&str, &str> = BTreeMap::new();
        for key in self.questions.keys() {
            if !after.questions.contains_key(key) {
                left.insert(&key.1, &key.0);
            }
        }
        let is_quiz =
            |identities: &Self, id: &str| identities.subjects.get(id) == Some(&SubjectKind::Quiz);
        let new = after
            .questions
            .keys()
            .filter(|key| !self.questions.contains_key(*key));
        let moved = new.filter_map(|(quiz, question)| {
            let from = *left.get(question.as_str())?;
            // Where a quiz is new and the other gone, it is the quiz that has another id.
            let is_told = is_quiz(after, from) || is_quiz(self, quiz);
            is_told.then(|| Reuse {
                subject: quiz.clone(),
                question: Some(question.clone()),
                before: format!("a question of quiz {from}"),
                after: format!("a question of quiz {quiz}"),
                what: Reused::Moved,
            })
        });
        moved.collect()
    }
}

fn name_question(kind: &str) -> String {
    with_article(&format!("{} question", kind.replace('_', "-")))
}

fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}

/// Everything that is another thing from one version to the next.
pub(super) fn compare(before: &Course, after: &Course) -> Vec<Reuse> {
    let (before, after) = (Identities::of(before), Identities::of(after));
    let mut found = before.find_reused(&after);
    found.extend(before.find_moved(&after));
    found
}

impl Difference {
    /// Tells of ids that named something else; of each once.
    pub fn add_reused(&mut self, reused: &[Reuse], after: &Course) {
        let identities = Identities::of(after);
        for one in reused {
            let change = Change::Reused {
                question: one.question.clone(),
                before: one.before.clone(),
                after: one.after.clone(),
            };
            let Some(kind) = identities.subjects.get(&one.subject).copied() else {
                continue;
            };
            let is_it = |subject: &&mut SubjectDifference| {
                subject.kind == kind && subject.id == one.subject
            };
            match self.subjects.iter_mut().find(is_it) {
                Some(subject) if subject.changes.contains(&change) => {}
                Some(subject) => subject.changes.push(change),
                None => self.subjects.push(SubjectDifference {
                    kind,
                    id: one.subject.clone(),
                    title: after.title_of(&one.subject).unwrap_or_default().to_owned(),
                    changes: vec![change],
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identities(
        subjects: &[(&str, SubjectKind)],
        questions: &[(&str, &'static str)],
    ) -> Identities {
        let subjects = subjects.iter();
        let questions = questions.iter();
        Identities {
            subjects: subjects
                .map(|(id, kind)| ((*id).to_owned(), *kind))
                .collect(),
            questions: questions
                .map(|(key, kind)| {
                    let (quiz, question) = key.split_once('/').unwrap();
                    ((quiz.to_owned(), question.to_owned()), *kind)
                })
                .collect(),
        }
    }

    fn tell(found: &[Reuse]) -> Vec<String> {
        let found = found.iter();
        found
            .map(|one| {
                let question = one.question.as_deref().unwrap_or("-");
                format!("{} {question}: {} → {}", one.subject, one.before, one.after)
            })
            .collect()
    }

    #[test]
    fn an_id_that_comes_back_as_something_else_is_found() {
        let (quiz, lesson) = (SubjectKind::Quiz, SubjectKind::Lesson);
        let mut earlier = identities(&[("b", quiz)], &[("b/one", "choice")]);
        let new = identities(
            &[("a", quiz), ("b", quiz)],
            &[("a/one", "essay"), ("b/one", "choice"), ("b/two", "essay")],
        );
        assert!(earlier.lacks_some_of(&new));
        assert!(!new.lacks_some_of(&earlier));
        assert_eq!(tell(&earlier.find_reused(&new)), Vec::<String>::new());
        earlier.add_older(identities(
            &[("a", lesson), ("b", lesson)],
            &[("b/two", "short_answer"), ("b/one", "essay")],
        ));
        assert_eq!(
            tell(&earlier.find_reused(&new)),
            [
                "a -: a lesson → a quiz",
                "b two: a short-answer question → an essay question",
            ],
            "what is known of newer versions goes before older ones"
        );
    }

    #[test]
    fn a_question_that_moves_to_another_quiz_is_found_and_a_quiz_with_another_id_is_none() {
        let quiz = SubjectKind::Quiz;
        let before = identities(&[("a", quiz)], &[("a/one", "choice"), ("a/two", "choice")]);
        let after = identities(
            &[("a", quiz), ("b", quiz)],
            &[("a/two", "choice"), ("b/one", "choice")],
        );
        assert_eq!(
            tell(&before.find_moved(&after)),
            ["b one: a question of quiz a → a question of quiz b"]
        );
        let renamed = identities(&[("b", quiz)], &[("b/one", "choice"), ("b/two", "choice")]);
        assert_eq!(before.find_moved(&renamed), []);
    }
}
