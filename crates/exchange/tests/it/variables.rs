//! Questions with variables go to Moodle as calculated ones and come back.

use std::collections::BTreeMap;

use carrel_exchange::Format;
use carrel_quiz::answer::Answer;
use carrel_quiz::expression::{Values, evaluate};
use carrel_quiz::kind::Kind;
use carrel_quiz::right::right_answer;
use carrel_quiz::template::{Value, VariableSource};
use carrel_quiz::{Instance, Question};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::drawn::with_variables;
use crate::meaning::{points, seen};
use crate::moodle::there_and_back;

/// The values of the question that goes with those of what came back: drawn ones are the same,
/// computed ones follow, and what came back without a list is not asked anywhere.
fn values_of(question: &Question, back: &Values) -> Values {
    let spare = Instance::draw(question, 0).unwrap().values;
    let mut values = Values::new();
    for variable in &question.template.as_ref().unwrap().variables {
        let value = match &variable.source {
            VariableSource::Expression { expression } => evaluate(expression, &values).unwrap(),
            _ => back
                .get(&variable.name)
                .unwrap_or(&spare[&variable.name])
                .clone(),
        };
        values.insert(variable.name.clone(), value);
    }
    values
}

fn near(answer: &Answer) -> Vec<Answer> {
    let Answer::Numeric { number, unit } = answer else {
        return vec![answer.clone()];
    };
    let about: f64 = number.replace(',', ".").parse().unwrap_or(1.0);
    let by = [0.0, 0.013, -0.013, 0.3, -0.3, 0.71, 3.3, 100.5, 205.0];
    let typed = by.iter().map(|by| Answer::Numeric {
        number: format!("{:.6}", about + by),
        unit: unit.clone(),
    });
    typed.collect()
}

fn same_texts(was: &Question, is: &Question) -> Result<(), TestCaseError> {
    let texts = |question: &Question| {
        let mut texts = vec![seen(&question.text)];
        texts.extend(question.feedback.general.as_ref().map(seen));
        if let Kind::Choice(choice) = &question.kind {
            for option in &choice.options {
                texts.push(seen(&option.text));
                texts.extend(option.feedback.as_ref().map(seen));
            }
        }
        if let Kind::Numeric(key) = &question.kind {
            let told = key
                .answers
                .iter()
                .filter_map(|answer| answer.feedback.as_ref());
            texts.extend(told.map(seen));
        }
        texts
    };
    prop_assert_eq!(texts(was), texts(is));
    Ok(())
}

fn check(question: &Question) -> Result<bool, TestCaseError> {
    let (again, told, text) = there_and_back(Format::MoodleXml, question)?;
    let back = again.quiz.questions().next();
    let Some(back) = back else {
        prop_assert!(false, "left out: {:?}", told);
        return Ok(false);
    };
    if back.template.is_none() {
        prop_assert!(
            told.iter().any(|loss| loss.contains("values of one draw")),
            "{told:?}"
        );
        return Ok(false);
    }
    let lists = back.template.as_ref().unwrap();
    let mut counts = lists
        .variables
        .iter()
        .map(|variable| match &variable.source {
            VariableSource::List { values, .. } => values.len(),
            other => panic!("{other:?}"),
        });
    let count = counts.next().unwrap();
    prop_assert!(counts.all(|other| other == count));
    for seed in 0..6 {
        let drawn = Instance::draw(back, seed).unwrap();
        let values = values_of(question, &drawn.values);
        for condition in &question.template.as_ref().unwrap().conditions {
            prop_assert_eq!(evaluate(condition, &values), Ok(Value::Number(1.0)));
        }
        let instance = Instance {
            seed,
            values,
            order: BTreeMap::new(),
        };
        let (was, is) = (
            instance.resolve(question).unwrap(),
            drawn.resolve(back).unwrap(),
        );
        same_texts(&was, &is)?;
        for answer in right_answer(&was).iter().flat_map(near) {
            let (before, after) = (points(&was, &answer), points(&is, &answer));
            let same = match (&before, &after) {
                (Ok(one), Ok(other)) => (one - other).abs() < 1e-6,
                (one, other) => one == other,
            };
            let tolerance = told
                .iter()
                .any(|loss| loss.contains("significant digits became"));
            let range = told.iter().any(|loss| loss.contains("width of its range"));
            let rules = told.iter().any(|loss| loss.contains("partial credit"));
            prop_assert!(
                same || tolerance || range || rules,
                "{answer:?}: {before:?} became {after:?}\n{told:?}\n{text}\n{was:#?}\n{is:#?}"
            );
        }
    }
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn questions_with_variables_mean_the_same(question in with_variables()) {
        check(&question)?;
    }

    #[test]
    fn a_question_with_variables_is_always_the_same_file(question in with_variables()) {
        let one = there_and_back(Format::MoodleXml, &question)?;
        let other = there_and_back(Format::MoodleXml, &question)?;
        prop_assert_eq!(one.2, other.2);
    }
}

#[test]
fn most_questions_with_variables_stay_such() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut kept, mut all) = (0, 0);
    for _ in 0..100 {
        let question = with_variables().new_tree(&mut runner).unwrap().current();
        let template = question.template.as_ref().unwrap();
        // Moodle has no variables that are words.
        if template
            .variables
            .iter()
            .any(|variable| variable.name == "unit")
        {
            continue;
        }
        all += 1;
        kept += u32::from(check(&question).unwrap());
    }
    assert!(kept * 10 >= all * 9, "{kept} of {all}");
    assert!(all >= 60, "{all}");
}
