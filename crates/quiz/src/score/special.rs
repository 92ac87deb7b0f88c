//! What an author says of whole answers: those with a share of their own, and wrong ones.

use super::sentence::short;
use super::{Outcome, ScoreState, clean_share, state_of};
use crate::answer::Answer;
use crate::kind::Kind;
use crate::question::Question;

/// Gives an answer the share that the question tells of it, whatever its kind made of it.
pub(super) fn apply(question: &Question, answer: &Answer, outcome: &mut Outcome) {
    if matches!(
        outcome.state,
        Some(ScoreState::Unanswered | ScoreState::Invalid)
    ) {
        return;
    }
    let same =
        |other: &&crate::question::SpecialAnswer| is_same(&question.kind, &other.answer, answer);
    if let Some(special) = question.special.iter().find(same) {
        let sentence = format!(
            "this answer has a share of its own: {}",
            short(special.share)
        );
        outcome.explanation.push(sentence);
        outcome.fraction = special.share;
        outcome.state = None;
    } else if question.wrong != 0.0 && clean_share(outcome.fraction) == 0.0 {
        let share = short(question.wrong);
        outcome
            .explanation
            .push(format!("a wrong answer gives {share}"));
        // It stays a wrong one, though it may give something.
        outcome.state.get_or_insert(state_of(outcome.fraction));
        outcome.fraction = question.wrong;
    }
}

/// Whether two answers say the same: the order of options makes no difference, and items of the
/// same text stand for each other.
fn is_same(kind: &Kind, one: &Answer, other: &Answer) -> bool {
    match (kind, one, other) {
        (_, Answer::Choice { options: one }, Answer::Choice { options: other }) => {
            one.len() == other.len() && one.iter().all(|id| other.contains(id))
        }
        (
            Kind::Ordering(key),
            Answer::Ordering { items: one },
            Answer::Ordering { items: other },
        ) => {
            let text_of = |id: &String| {
                let mut items = key.items.iter().chain(&key.distractors);
                items.find(|item| item.id == *id).map(|item| &item.text)
            };
            one.iter().map(text_of).eq(other.iter().map(text_of))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Instance;
    use crate::notation::parse;
    use crate::score::score;

    /// Share, state and the last line of the explanation of an answer (JSON) to a question.
    fn judge(question: &str, answer: &str) -> (f64, ScoreState, String) {
        let text = format!("+++\nid = 'q'\ntitle = 'Q'\n+++\n\n## Q {{#q}}\n{question}");
        let quiz = parse(&text, "q.quiz.md").unwrap();
        let question = quiz.question("q").unwrap();
        let answer: Answer = serde_json::from_str(answer).unwrap();
        let score = score(question, &Instance::default(), Some(&answer)).unwrap();
        let line = score.explanation.iter().rev().nth(1).cloned();
        (score.fraction, score.state, line.unwrap_or_default())
    }

    #[test]
    fn wrong_answers_take_points_away_and_empty_ones_do_not() {
        let question =
            "wrong: -0.25\n\nWhich?\n\n- [x] a\n- [x] b\n- [ ] c\n\nscoring: all or nothing\n";
        let (share, state, line) = judge(question, r#"{"type":"choice","options":["a"]}"#);
        assert_eq!((share, state), (-0.25, ScoreState::Incorrect));
        assert_eq!(line, "a wrong answer gives -0.25");
        let (share, state, _) = judge(question, r#"{"type":"choice","options":["b","a"]}"#);
        assert_eq!((share, state), (1.0, ScoreState::Correct));
        let (share, state, _) = judge(question, r#"{"type":"choice","options":[]}"#);
        assert_eq!((share, state), (0.0, ScoreState::Unanswered));
        let number = "kind: numeric\nwrong: -1\n\nHow many?\n\n= 4\n";
        let (share, state, _) = judge(number, r#"{"type":"numeric","number":"many"}"#);
        assert_eq!((share, state), (0.0, ScoreState::Invalid));
        let (share, ..) = judge(number, r#"{"type":"numeric","number":"5"}"#);
        assert_eq!(share, -1.0);
        // What a wrong answer gives does not make it right in part.
        let (share, state, _) = judge(
            "wrong: 0.2\n\nWhich?\n\n- (x) a\n- ( ) b\n",
            r#"{"type":"choice","options":["b"]}"#,
        );
        assert_eq!((share, state), (0.2, ScoreState::Incorrect));
    }

    #[test]
    fn special_answers_have_a_share_of_their_own() {
        let order = "kind: ordering\n\nSort.\n\n1. one\n2. two\n3. three\n\nscoring: all or nothing\nspecial 0.5: 1 3 2\n";
        let (share, state, line) = judge(order, r#"{"type":"ordering","items":["1","3","2"]}"#);
        assert_eq!((share, state), (0.5, ScoreState::PartiallyCorrect));
        assert_eq!(line, "this answer has a share of its own: 0.5");
        let (share, ..) = judge(order, r#"{"type":"ordering","items":["3","1","2"]}"#);
        assert_eq!(share, 0.0);
        let sets =
            "\nWhich?\n\n- [x] a\n- [x] b\n- [ ] c\n\nscoring: all or nothing\nspecial 1: c b\n";
        let (share, state, _) = judge(sets, r#"{"type":"choice","options":["b","c"]}"#);
        assert_eq!((share, state), (1.0, ScoreState::Correct));
        let pairs = "kind: matching\n\nMatch.\n\n- a => x\n- b => y\n\nspecial -1: 1=b 2=a\n";
        let (share, state, _) = judge(pairs, r#"{"type":"matching","targets":{"1":"b","2":"a"}}"#);
        assert_eq!((share, state), (-1.0, ScoreState::Incorrect));
    }
}
