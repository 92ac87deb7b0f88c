//! Questions with variables, by chance.

use carrel_quiz::kind::{Accept, Choice, ChoiceOption, Kind, NumberAnswer, NumberKey, Select};
use carrel_quiz::template::{Amount, Template, Value, Variable, VariableSource};
use carrel_quiz::{Question, Text};
use proptest::prelude::*;

use crate::rich::{attach, beside, rarely, tolerance, units};

fn variables() -> impl Strategy<Value = Vec<Variable>> {
    let variable = |name: &str, source| Variable {
        name: name.to_owned(),
        source,
    };
    (1..4_i32, 1..60_i32, rarely(2), rarely(2), rarely(6)).prop_map(
        move |(min, width, grouped, fraction, words)| {
            let list = |values: &[f64]| VariableSource::List {
                values: values.iter().copied().map(Value::Number).collect(),
                group: grouped.then(|| "g".to_owned()),
            };
            let step = if fraction { 0.25 } else { 1.0 };
            let mut variables = vec![
                variable(
                    "a",
                    VariableSource::Range {
                        min: f64::from(min),
                        max: f64::from(min + width),
                        step,
                    },
                ),
                variable("b", list(&[2.0, 3.5, -4.0])),
                variable("n", list(&[1.0, 2.0, 3.0])),
                variable(
                    "area",
                    VariableSource::Expression {
                        expression: "a * b".to_owned(),
                    },
                ),
                variable(
                    "shared",
                    VariableSource::Expression {
                        expression: "gcd(n, 6) + factorial(n)".to_owned(),
                    },
                ),
            ];
            if words {
                variables.push(variable(
                    "unit",
                    VariableSource::List {
                        values: vec![Value::Text("m".to_owned()), Value::Text("cm".to_owned())],
                        group: None,
                    },
                ));
            }
            variables
        },
    )
}

/// Expressions that formulas of Moodle have, and such as they have not.
const EXPRESSIONS: [&str; 9] = [
    "a + b",
    "area / 2",
    "round(area, 1)",
    "a ^ 2 % 7",
    "if(a > 3 and b > 0, a, -b)",
    "shared * n",
    "sqrt(abs(b)) + ln(a)",
    "max(a, b, n) - pi",
    "lcm(n, 4)",
];

/// A question of a number or a choice with variables.
pub(crate) fn with_variables() -> impl Strategy<Value = Question> {
    let chosen = (
        prop::sample::select(&EXPRESSIONS[..]),
        prop::sample::select(&EXPRESSIONS[..]),
        0..7_u8,
        any::<bool>(),
        rarely(3),
    );
    (beside(), variables(), chosen, units(), rarely(4)).prop_map(
        |(mut question, variables, (answer, shown, kind, many, conditioned), units, with_units)| {
            let words = variables.iter().any(|variable| variable.name == "unit");
            question.text = Text::markdown(format!(
                "Of {{{{a}}}}, {{{{ b }}}} and {{{{{shown}}}}} with {{x}}, \\{{{{y}} {}: what?",
                if words { "{{unit}}" } else { "" }
            ));
            question.feedback.general = Some(Text::markdown(format!("It is {{{{{answer}}}}}.")));
            question.hints.clear();
            question.template = Some(Template {
                variables,
                conditions: conditioned
                    .then(|| "a != 2".to_owned())
                    .into_iter()
                    .collect(),
            });
            let value = Amount::Expression(answer.to_owned());
            question.kind = if kind == 6 {
                let options = ["a + b", "fixed(area, 2)", "n + 100.5"]
                    .iter()
                    .zip(["a", "b", "c"]);
                let options = options.map(|(expression, id)| {
                    let text = Text::plain(format!("{id}: {{{{{expression}}}}}"));
                    let mut option = ChoiceOption::new(id, text, id != "b");
                    option.feedback = Some(Text::plain("{{a}} it was"));
                    option
                });
                let options = options.collect();
                Kind::Choice(match many {
                    true => Choice::many(options),
                    false => Choice::one(options),
                })
            } else {
                let mut key = NumberKey::near(value.clone(), tolerance(kind, 0.5));
                key.answers[0].feedback = Some(Text::plain("{{area}} {{n + 1}}"));
                key.answers.push(NumberAnswer {
                    score: 0.5,
                    ..NumberAnswer::new(Accept::Range {
                        min: Amount::Expression("a + 200".to_owned()),
                        max: Amount::Expression("a + 210".to_owned()),
                    })
                });
                key.units = with_units.then_some(units);
                Kind::Numeric(key)
            };
            if let Kind::Choice(choice) = &question.kind {
                assert!(choice.select == Select::One || many);
            }
            attach(&mut question);
            question
        },
    )
}
