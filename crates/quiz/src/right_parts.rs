//! What of an answer is right: how many of its parts, and the answer without the others.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::kind::Kind;
use crate::question::Question;
use crate::score::{Score, ScoreState};

/// How many parts of an answer are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RightCount {
    /// So many are.
    pub right: u32,
    /// Of so many; 1 where an answer has no parts.
    pub of: u32,
}

impl RightCount {
    /// By the score of an answer.
    #[must_use]
    pub fn of(score: &Score) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        if score.parts.is_empty() {
            return Self {
                right: u32::from(score.state == ScoreState::Correct),
                of: 1,
            };
        }
        let right = score.parts.iter();
        let right = right.filter(|part| part.state == ScoreState::Correct);
        Self {
            right: count(right.count()),
            of: count(score.parts.len()),
        }
    }
}

/// An answer without what is wrong in it, by its score; `None`: nothing is left. What is right in
/// part stays. Of an order, what is right from its beginning on stays, for a gap would move the rest.
#[must_use]
pub fn keep_right(question: &Question, answer: &Answer, score: &Score) -> Option<Answer> {
    let wrong: BTreeSet<&str> = score
        .parts
        .iter()
        .filter(|part| part.state == ScoreState::Incorrect)
        .map(|part| part.part.as_str())
        .collect();
    let is_kept = |id: &String| !wrong.contains(id.as_str());
    match answer.clone() {
        Answer::Choice { mut options } => {
            options.retain(is_kept);
            (!options.is_empty()).then_some(Answer::Choice { options })
        }
        Answer::Blanks { mut blanks } => {
            blanks.retain(|id, _| is_kept(id));
            (!blanks.is_empty()).then_some(Answer::Blanks { blanks })
        }
        Answer::Matching { mut targets } => {
            targets.retain(|id, _| is_kept(id));
            (!targets.is_empty()).then_some(Answer::Matching { targets })
        }
        Answer::Ordering { mut items } => {
            let parts = score.parts.iter();
            let right = parts.take_while(|part| part.state == ScoreState::Correct);
            items.truncate(right.count());
            (!items.is_empty()).then_some(Answer::Ordering { items })
        }
        Answer::BugLine { mut lines } => {
            if let Kind::BugLine(key) = &question.kind {
                let is_bug = |line: u32| {
                    let mut bugs = key.bugs.iter();
                    bugs.any(|bug| (bug.first_line..=bug.last_line).contains(&line))
                };
                lines.retain(|line| is_bug(*line));
            }
            (!lines.is_empty()).then_some(Answer::BugLine { lines })
        }
        whole @ (Answer::TrueFalse { .. }
        | Answer::ShortAnswer { .. }
        | Answer::Numeric { .. }
        | Answer::Tracing { .. }) => {
            let is_wrong = matches!(score.state, ScoreState::Incorrect | ScoreState::Invalid);
            (!is_wrong).then_some(whole)
        }
        // A person decides what is right in it.
        essay @ Answer::Essay { .. } => Some(essay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Instance;
    use crate::notation::parse;
    use crate::score::score;

    /// How many parts of an answer (JSON) are right, and what is kept of it.
    fn judge(question: &str, answer: &str) -> (u32, u32, Option<String>) {
        let text = format!("+++\nid = 'q'\ntitle = 'Q'\n+++\n\n## Q {{#q}}\n{question}");
        let quiz = parse(&text, "q.quiz.md").unwrap();
        let question = quiz.question("q").unwrap();
        let answer: Answer = serde_json::from_str(answer).unwrap();
        let score = score(question, &Instance::default(), Some(&answer)).unwrap();
        let RightCount { right, of } = RightCount::of(&score);
        let kept = keep_right(question, &answer, &score);
        (
            right,
            of,
            kept.map(|kept| serde_json::to_string(&kept).unwrap()),
        )
    }

    #[test]
    fn what_is_right_stays_of_every_kind() {
        let choice = "\nWhich?\n\n- [x] a\n- [x] b\n- [ ] c\n";
        for (question, answer, right, of, kept) in [
            (
                choice,
                r#"{"type":"choice","options":["a","c"]}"#,
                1,
                2,
                Some(r#"{"type":"choice","options":["a"]}"#),
            ),
            (choice, r#"{"type":"choice","options":["c"]}"#, 0, 1, None),
            (
                "kind: true-false\n\nReally?\n\nanswer: true\n",
                r#"{"type":"true_false","value":false}"#,
                0,
                1,
                None,
            ),
            (
                "\nA [[= a]], b [[= b]].\n",
                r#"{"type":"blanks","blanks":{"1":"a","2":"x"}}"#,
                1,
                2,
                Some(r#"{"type":"blanks","blanks":{"1":"a"}}"#),
            ),
            (
                "kind: matching\n\nMatch.\n\n- a => x\n- b => y\n",
                r#"{"type":"matching","targets":{"1":"a","2":"a"}}"#,
                1,
                2,
                Some(r#"{"type":"matching","targets":{"1":"a"}}"#),
            ),
            (
                "kind: ordering\n\nSort.\n\n1. a\n2. b\n3. c\n",
                r#"{"type":"ordering","items":["1","3","2"]}"#,
                1,
                3,
                Some(r#"{"type":"ordering","items":["1"]}"#),
            ),
            (
                "kind: bug-line\n\nWhere?\n\n```python source\na\nb\nc\n```\n\nbug 2: it.\n",
                r#"{"type":"bug_line","lines":[2,3]}"#,
                1,
                1,
                Some(r#"{"type":"bug_line","lines":[2]}"#),
            ),
            (
                "kind: numeric\n\nHow many?\n\n= 4\n",
                r#"{"type":"numeric","number":"5"}"#,
                0,
                1,
                None,
            ),
            (
                "kind: numeric\n\nHow many?\n\n= 4\n",
                r#"{"type":"numeric","number":"4"}"#,
                1,
                1,
                Some(r#"{"type":"numeric","number":"4"}"#),
            ),
            (
                "kind: essay\n\nWhy?\n",
                r#"{"type":"essay","text":"So."}"#,
                0,
                1,
                Some(r#"{"type":"essay","text":"So."}"#),
            ),
        ] {
            let kept = kept.map(str::to_owned);
            assert_eq!(judge(question, answer), (right, of, kept), "{answer}");
        }
    }
}
