use carrel_quiz::expression::{Values, evaluate};
use carrel_quiz::template::Value;
use proptest::prelude::*;

use super::*;

fn names() -> BTreeMap<String, String> {
    ["a", "b"]
        .map(|name| (name.to_owned(), name.to_owned()))
        .into()
}

fn values(a: f64, b: f64) -> Values {
    [("a", a), ("b", b)]
        .map(|(name, value)| (name.to_owned(), Value::Number(value)))
        .into()
}

fn ours(formula: &str) -> String {
    Term::of_moodle(formula, &names()).unwrap().ours()
}

#[test]
fn formulas_of_moodle_mean_the_same_here() {
    for (formula, a, b, result) in [
        ("{a}+{b}*2", 1.0, 3.0, 7.0),
        ("pow({a}, 2) - {b}", 3.0, 1.0, 8.0),
        ("{a} ** 2 ** {b}", 2.0, 3.0, 256.0),
        ("-{a} ** 2", 3.0, 0.0, -9.0),
        ("{a} % {b}", -7.9, 3.0, -1.0),
        ("fmod({a}, {b})", -7.5, 3.0, -1.5),
        ("log({a})", std::f64::consts::E, 0.0, 1.0),
        ("log({a}, {b})", 8.0, 2.0, 3.0),
        ("round({a} / {b}, 2)", 2.0, 3.0, 0.67),
        ("sin(deg2rad({a}))", 30.0, 0.0, 0.5),
        ("rad2deg(pi())", 0.0, 0.0, 180.0),
        ("PI() * {a}", 1.0, 0.0, std::f64::consts::PI),
        ("{a} > {b} ? {a} - {b} : {b}", 5.0, 3.0, 2.0),
        ("{a} > 1 && !({b} > 1)", 2.0, 1.0, 1.0),
        ("{a} == {b} > 1", 5.0, 3.0, 1.0),
        ("{a} > 1 ? ({b} > 1 ? 1 : 2) : 3", 2.0, 0.0, 2.0),
        ("0.5 + 0 + 00.5 + 0e1", 0.0, 0.0, 1.0),
        ("{a} > 3 || {b} > 3", 2.0, 1.0, 0.0),
        ("max({a}, {b}, 4) + min({a}, {b})", 5.0, 1.0, 6.0),
        ("tanh({a}) - sinh({a}) / cosh({a})", 0.5, 0.0, 0.0),
        ("sinh(asinh({a})) + cosh(acosh({b}))", 0.5, 2.0, 2.5),
        ("tanh(atanh({a})) + log1p(expm1({b}))", 0.5, 1.5, 2.0),
        ("{a} - ({b} - 1) - 1", 5.0, 2.0, 3.0),
        ("1.5e2 + .5 - +{a}", 0.5, 0.0, 150.0),
    ] {
        let expression = ours(formula);
        let Ok(Value::Number(found)) = evaluate(&expression, &values(a, b)) else {
            panic!("{formula}: {expression}");
        };
        assert!(
            (found - result).abs() < 1e-9,
            "{formula}: {expression} = {found}"
        );
    }
}

#[test]
fn what_has_no_counterpart_is_named() {
    for (formula, word) in [
        ("{a}^2", "bitwise"),
        ("{a} & 1", "bitwise"),
        ("decbin({a})", "`decbin`"),
        ("{c} + 1", "`{c}`"),
        ("a + 1", "`a`"),
        ("({a} + 1", "not closed"),
        ("{a} +", "not expected"),
        ("1 ? 2", "`:`"),
    ] {
        let error = Term::of_moodle(formula, &names()).unwrap_err();
        assert!(error.contains(word), "{formula}: {error}");
    }
    let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Term::of_moodle(&deep, &names()).is_err());
    let doubling = "{a}".to_owned() + &" % {b}".repeat(200);
    assert!(Term::of_moodle(&doubling, &names()).is_err());
    for expression in ["fixed(a, 2)", "\"x\" + a", "gcd(a, b)", "factorial(a)"] {
        assert_eq!(Term::of_ours(expression), None, "{expression}");
    }
}

#[test]
fn expressions_are_written_for_php() {
    for (expression, formula) in [
        ("a * b", "{a} * {b}"),
        ("(a + b) * 2", "({a} + {b}) * 2"),
        ("a - (b - 1)", "{a} - ({b} - 1)"),
        ("-a ^ 2", "(-pow({a}, 2))"),
        ("ln(a) + log2(b)", "log({a}) + log({b}, 2)"),
        ("a % b", "{a} - {b} * floor({a} / {b})"),
        ("if(a > b, a, b)", "(({a} > {b}) ? ({a}) : ({b}))"),
        ("trunc(a)", "(({a}) - fmod({a}, 1))"),
        ("(a == b) < 2", "(({a} == {b}) ? (1) : (0)) < 2"),
        (
            "if(a, a > b, 0)",
            "(({a}) ? ((({a} > {b}) ? (1) : (0))) : (0))",
        ),
    ] {
        assert_eq!(Term::of_ours(expression).unwrap().moodle(), formula);
    }
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        (1..9_u8).prop_map(|digit| digit.to_string()),
        Just("2.5".to_owned()),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            (
                inner.clone(),
                prop::sample::select(&["+", "-", "*", "/", "%", "^", "<", "==", "and", "or"][..]),
                inner.clone()
            )
                .prop_map(|(left, sign, right)| format!("({left}) {sign} ({right})")),
            inner.clone().prop_map(|inner| format!("-({inner})")),
            inner.clone().prop_map(|inner| format!("(not ({inner}))")),
            (
                prop::sample::select(
                    &[
                        "abs", "floor", "round", "trunc", "ln", "log2", "cos", "sqrt"
                    ][..]
                ),
                inner.clone()
            )
                .prop_map(|(name, inner)| format!("{name}({inner})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(one, two, three)| format!("if({one}, {two}, {three})")),
        ]
    })
}

proptest! {
    #[test]
    fn expressions_keep_their_value_there_and_back(
        expression in expression(), a in -5..9_i32, b in 1..9_i32
    ) {
        let Some(term) = Term::of_ours(&expression) else {
            // Only what is too large has no counterpart here.
            return Ok(());
        };
        let back = Term::of_moodle(&term.moodle(), &names());
        prop_assume!(back != Err(format!("the formula `{}`: it is too long", term.moodle())));
        let again = back.unwrap().ours();
        let values = values(f64::from(a), f64::from(b) / 2.0);
        match (evaluate(&expression, &values), evaluate(&again, &values)) {
            (Ok(Value::Number(one)), Ok(Value::Number(other))) => prop_assert!(
                (one - other).abs() <= 1e-9 * one.abs().max(1.0),
                "{} is {} and became {} which is {}", expression, one, again, other
            ),
            (Err(_), _) | (_, Err(carrel_quiz::expression::ExpressionError::TooLarge)) => {}
            (one, other) => prop_assert!(false, "{expression} {one:?} {again} {other:?}"),
        }
    }

    #[test]
    fn fuzz_formula(text in "[{}abpow(),?:+*/%^<=>!&|.0-9 -]{0,60}") {
        if let Ok(term) = Term::of_moodle(&text, &names()) {
            let _ = term.ours();
        }
        let _ = Term::of_ours(&text);
    }
}
