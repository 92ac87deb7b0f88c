//! What is wrong with what is asked for.

use std::ops::RangeInclusive;

use super::{Found, is_id, is_share};
use crate::kind::{
    Accept, BlankKey, Blanks, BugLine, Choice, ChoiceScheme, Essay, Kind, Matching, NumberKey,
    Ordering, PairWeight, PartScheme, Select, TextKey, Tolerance, Tracing,
};
use crate::limits::PARTS_MAX;
use crate::quantity::{noun, number_of};
use crate::question::Question;
use crate::template::Amount;

/// Sizes of the weights of pairs: of any two of them, the quotient is a number.
const WEIGHTS: RangeInclusive<f64> = 1e-6..=1e6;

pub(super) fn check(question: &Question, found: &mut Found<'_>) {
    let is_scored = question.points > 0.0;
    match &question.kind {
        Kind::Choice(choice) => check_choice(choice, "", is_scored, found),
        Kind::Blanks(blanks) => check_blanks(question, blanks, found),
        Kind::ShortAnswer(key) => check_text(key, "", is_scored, found),
        Kind::Numeric(key) => {
            check_number(key, "", question.template.is_some(), found);
            if is_scored && !key.answers.iter().any(|answer| answer.score > 0.0) {
                no_right_answer("", found);
            }
        }
        Kind::Matching(matching) => check_matching(matching, found),
        Kind::Ordering(ordering) => check_ordering(ordering, found),
        Kind::Tracing(tracing) => check_tracing(tracing, found),
        Kind::BugLine(bug_line) => check_bug_line(bug_line, found),
        Kind::Essay(essay) => check_essay(essay, found),
        Kind::TrueFalse(_) | Kind::Description => {}
    }
}

fn no_right_answer(part: &str, found: &mut Found<'_>) {
    found.error(
        part,
        "no answer is right",
        "mark the right one (`(x)`, `[x]`, `= answer`), or give the question 0 points",
    );
}

fn check_count((part, what): (&str, &str), count: usize, least: usize, found: &mut Found<'_>) {
    if count < least {
        let what = noun(count, what.trim_end_matches('s'), what);
        found.error(
            part,
            format!("{count} {what} where at least {least} are needed"),
            "add what is missing",
        );
    }
    if count > PARTS_MAX {
        found.error(
            part,
            format!("{count} {what}, more than {PARTS_MAX}"),
            "split the question",
        );
    }
}

fn check_weight(part: &str, weight: f64, found: &mut Found<'_>) {
    if !(-1.0..=1.0).contains(&weight) {
        found.error(
            part,
            format!("the score {weight} is no share from -1 to 1"),
            "0.5 gives half of the points, -0.5 takes half of them away",
        );
    }
}

fn check_choice(choice: &Choice, place: &str, is_scored: bool, found: &mut Found<'_>) {
    check_count((place, "options"), choice.options.len(), 1, found);
    let what = if place.is_empty() {
        "option".to_owned()
    } else {
        format!("{place} option")
    };
    found.check_ids(
        &what,
        choice.options.iter().map(|option| option.id.as_str()),
    );
    for option in &choice.options {
        let part = format!("{what} {}", option.id);
        check_weight(&part, option.weight.unwrap_or(0.0), found);
        if option.text.is_blank() {
            found.warning(&part, "the option has no text", "write what can be chosen");
        }
    }
    // Of several, none may be right: then an empty answer is.
    if is_scored && choice.select == Select::One && choice.right_count() == 0 {
        no_right_answer(place, found);
    }
    if let Select::Many { min, max } = choice.select {
        let most = max.map_or(choice.options.len(), |max| max as usize);
        if min as usize > most || choice.right_count() > most {
            found.error(
                &format!("{place} choose"),
                format!(
                    "{} right, and {min} to {most} may be chosen",
                    number_of(choice.right_count(), "option is", "options are")
                ),
                "let as many be chosen as are right",
            );
        }
    }
    if let ChoiceScheme::Weights { floor, ceiling } = choice.scheme
        && !((-1.0..=0.0).contains(&floor) && ceiling > 0.0 && ceiling <= 1.0)
    {
        found.error(
            &format!("{place} scoring"),
            format!("the bounds {floor} to {ceiling} are not possible"),
            "the floor is from -1 to 0, the ceiling above 0 and at most 1",
        );
    }
}

fn check_text(key: &TextKey, place: &str, is_scored: bool, found: &mut Found<'_>) {
    check_count((place, "answers"), key.patterns.len(), 1, found);
    for (index, pattern) in key.patterns.iter().enumerate() {
        let part = format!("{place} answer {}", index + 1);
        check_weight(&part, pattern.score, found);
        if pattern.pattern.trim().is_empty() {
            found.warning(
                &part,
                "the answer is empty, so that an empty answer counts",
                "write what learners have to type",
            );
        }
    }
    if is_scored && !key.patterns.iter().any(|pattern| pattern.score > 0.0) {
        no_right_answer(place, found);
    }
}

fn check_number(key: &NumberKey, place: &str, has_variables: bool, found: &mut Found<'_>) {
    check_count((place, "answers"), key.answers.len(), 1, found);
    for (index, answer) in key.answers.iter().enumerate() {
        let part = format!("{place} answer {}", index + 1);
        check_weight(&part, answer.score, found);
        let amounts: Vec<&Amount> = match &answer.accept {
            Accept::Near { value, tolerance } => {
                check_tolerance(*tolerance, &part, found);
                vec![value]
            }
            Accept::Range { min, max } => {
                if let (Amount::Number(min), Amount::Number(max)) = (min, max)
                    && min > max
                {
                    found.error(
                        &part,
                        format!("the range {min} .. {max} is empty"),
                        "give the least number first",
                    );
                }
                vec![min, max]
            }
            Accept::Any => Vec::new(),
        };
        for amount in amounts {
            match amount {
                Amount::Number(number) if !number.is_finite() => {
                    found.error(&part, format!("{number} is no number"), "give a number");
                }
                Amount::Expression(expression) if !has_variables => found.error(
                    &part,
                    format!("`{expression}` is no number, and the question has no variables"),
                    "write a number, or declare variables",
                ),
                _ => {}
            }
        }
    }
    let Some(units) = &key.units else { return };
    if units.penalty.is_some_and(|penalty| !is_share(penalty)) {
        found.error(
            &format!("{place} units"),
            "the unit penalty is no share from 0 to 1",
            "0.1 is a tenth",
        );
    }
    check_count((place, "units"), units.units.len(), 0, found);
    for (index, unit) in units.units.iter().enumerate() {
        if !(unit.multiplier.is_finite() && unit.multiplier != 0.0) || unit.name.trim().is_empty() {
            found.error(
                &format!("{place} unit {}", index + 1),
                format!(
                    "the unit `{}` = {} is not possible",
                    unit.name, unit.multiplier
                ),
                "give a name, and how many of the base unit it is",
            );
        }
    }
}

fn check_tolerance(tolerance: Tolerance, part: &str, found: &mut Found<'_>) {
    let is_possible = match tolerance {
        Tolerance::Exact => true,
        Tolerance::Absolute { by } | Tolerance::Relative { by } | Tolerance::Geometric { by } => {
            by.is_finite() && by >= 0.0
        }
        Tolerance::SignificantDigits { digits } => (1..=15).contains(&digits),
        Tolerance::Decimals { digits } => digits <= 15,
    };
    if !is_possible {
        found.error(
            part,
            "the tolerance is not possible",
            "give a number from 0 up; digits from 1 to 15",
        );
    }
}

fn check_blanks(question: &Question, blanks: &Blanks, found: &mut Found<'_>) {
    check_count(("", "blanks"), blanks.blanks.len(), 1, found);
    check_part_scheme(blanks.scheme, found);
    found.check_ids("blank", blanks.blanks.iter().map(|blank| blank.id.as_str()));
    // The text is searched for each of them.
    if blanks.blanks.len() > PARTS_MAX {
        return;
    }
    let is_scored = question.points > 0.0;
    let order: Vec<_> = blanks
        .blanks
        .iter()
        .filter_map(|blank| question.text.source.find(&format!("[[{}]]", blank.id)))
        .collect();
    if !order.is_sorted() {
        found.error(
            "",
            "the blanks are not in the order of the text",
            "sort them",
        );
    }
    for blank in &blanks.blanks {
        let part = format!("blank {}", blank.id);
        let count = question
            .text
            .source
            .matches(&format!("[[{}]]", blank.id))
            .count();
        if count != 1 {
            found.error(
                &part,
                format!("the blank stands {count} times in the text"),
                format!("write `[[{}]]` once where it belongs", blank.id),
            );
        }
        if !(blank.weight.is_finite() && blank.weight > 0.0) {
            found.error(
                &part,
                "the weight of a blank is not above 0",
                "leave it out for 1",
            );
        }
        match &blank.key {
            BlankKey::Text(key) => check_text(key, &part, is_scored, found),
            BlankKey::Number(key) => check_number(key, &part, question.template.is_some(), found),
            BlankKey::Choice(choice) => check_choice(choice, &part, is_scored, found),
        }
    }
}

fn check_matching(matching: &Matching, found: &mut Found<'_>) {
    check_count(("", "items"), matching.items.len(), 1, found);
    check_count(("", "targets"), matching.targets.len(), 1, found);
    check_part_scheme(matching.scheme, found);
    let is_weighed = matches!(matching.scheme, PartScheme::Weights { .. });
    check_pairs(matching, is_weighed, found);
    found.check_ids("item", matching.items.iter().map(|item| item.id.as_str()));
    found.check_ids(
        "target",
        matching.targets.iter().map(|target| target.id.as_str()),
    );
    if matching.items.len().max(matching.targets.len()) > PARTS_MAX {
        return;
    }
    for item in &matching.items {
        let part = format!("item {}", item.id);
        if !matching
            .targets
            .iter()
            .any(|target| target.id == item.target)
        {
            found.error(
                &part,
                format!("there is no target `{}`", item.target),
                "name one of the targets",
            );
        }
        // Of pairs that are weighed, a right one may give nothing, so that all sums are possible.
        let enough = item.weight > 0.0 || is_weighed && item.weight == 0.0;
        if !(item.weight.is_finite() && enough) {
            found.error(
                &part,
                "the weight of an item is not above 0",
                "leave it out for 1",
            );
        } else if is_weighed && !is_weight(item.weight) {
            let message = format!("{} is no possible weight", item.weight);
            found.error(&part, message, "write its share of the points, such as 0.5");
        }
    }
}

fn check_part_scheme(scheme: PartScheme, found: &mut Found<'_>) {
    if let PartScheme::Weights { floor, ceiling } = scheme
        && !(-1.0 <= floor && floor < ceiling && ceiling > 0.0 && ceiling <= 1.0)
    {
        found.error(
            "",
            format!("the bounds {floor} to {ceiling} are not possible"),
            "the floor is from -1 and below the ceiling, which is above 0 and at most 1",
        );
    }
}

fn check_pairs(matching: &Matching, is_weighed: bool, found: &mut Found<'_>) {
    check_count(("", "pairs with a weight"), matching.pairs.len(), 0, found);
    if !is_weighed && (!matching.pairs.is_empty() || matching.wrong_pair != 0.0) {
        found.error(
            "",
            "wrong pairs have weights, and the pairs are not put together by weights",
            "write `scoring: weights`; the weight of an item is then its share of the points",
        );
    }
    let mut weights = vec![("pairs".to_owned(), matching.wrong_pair)];
    for (index, pair) in matching.pairs.iter().enumerate() {
        let part = format!("pair {} {}", pair.item, pair.target);
        let item = matching.items.iter().find(|item| item.id == pair.item);
        let is_target = matching
            .targets
            .iter()
            .any(|target| target.id == pair.target);
        match item {
            Some(item) if is_target && matching.is_right(item, &pair.target) => found.error(
                &part,
                "the pair is the right one",
                "give its weight to the item: `{weight=0.5}`",
            ),
            Some(_) if is_target => {}
            _ => found.error(
                &part,
                format!("there is no pair `{} {}`", pair.item, pair.target),
                "name an item and a target by their ids",
            ),
        }
        let is_again =
            |other: &PairWeight| (&other.item, &other.target) == (&pair.item, &pair.target);
        if matching.pairs[..index].iter().any(is_again) {
            found.error(&part, "the pair is told twice", "keep one of the lines");
        }
        weights.push((part, pair.weight));
    }
    for (part, weight) in weights.iter().filter(|(_, weight)| !is_weight(*weight)) {
        let message = format!("{weight} is no possible weight");
        found.error(part, message, "write 0.5 or -0.25");
    }
}

/// Whether a pair may have a weight: what one gives is told as a share of what another gives.
fn is_weight(weight: f64) -> bool {
    weight == 0.0 || WEIGHTS.contains(&weight.abs())
}

fn check_ordering(ordering: &Ordering, found: &mut Found<'_>) {
    check_count(("", "items"), ordering.items.len(), 2, found);
    check_count(("", "distractors"), ordering.distractors.len(), 0, found);
    let items = ordering.items.iter().chain(&ordering.distractors);
    found.check_ids("item", items.map(|item| item.id.as_str()));
    if ordering.items.len().max(ordering.distractors.len()) > PARTS_MAX {
        return;
    }
    for one in &ordering.distractors {
        // Learners could not tell which of the two counts.
        if ordering.items.iter().any(|item| item.text == one.text) {
            found.error(
                &format!("item {}", one.id),
                "the distractor is the same as one of the items",
                "change it, or leave it out: items of the same text may stand for each other, distractors may not",
            );
        }
    }
}

fn check_tracing(tracing: &Tracing, found: &mut Found<'_>) {
    if let Some(environment) = &tracing.environment {
        check_environment(environment, found);
    }
    if tracing.source.trim().is_empty() {
        found.error(
            "source",
            "there is no program",
            "add a block ```python source",
        );
    }
    if tracing.language.trim().is_empty() {
        found.error(
            "source",
            "the language of the program is not said",
            "write it after the back-ticks: ```python source",
        );
    }
}

fn check_environment(environment: &str, found: &mut Found<'_>) {
    if !is_id(environment) {
        found.error(
            "environment",
            format!("`{environment}` is no name of an environment"),
            "write its name, such as `python`",
        );
    }
}

fn check_bug_line(bug_line: &BugLine, found: &mut Found<'_>) {
    let last = u32::try_from(bug_line.source.lines().count()).unwrap_or(u32::MAX);
    check_count(("", "bugs"), bug_line.bugs.len(), 1, found);
    for bug in &bug_line.bugs {
        if bug.first_line == 0 || bug.first_line > bug.last_line || bug.last_line > last {
            found.error(
                &format!("bug {}", bug.first_line),
                format!(
                    "lines {}-{} are not in the program",
                    bug.first_line, bug.last_line
                ),
                format!("the program has lines 1 to {last}"),
            );
        }
    }
    let is_bug = |line: u32| {
        let mut bugs = bug_line.bugs.iter();
        bugs.any(|bug| (bug.first_line..=bug.last_line).contains(&line))
    };
    for note in &bug_line.notes {
        if note.line == 0 || note.line > last || is_bug(note.line) {
            found.error(
                &format!("line {}", note.line),
                format!("line {} is not in the program, or has a bug", note.line),
                "notes are for lines without a bug; a bug has its own feedback",
            );
        }
    }
}

fn check_essay(essay: &Essay, found: &mut Found<'_>) {
    if let (Some(min), Some(max)) = (essay.words_min, essay.words_max)
        && min > max
    {
        found.error(
            "words",
            format!("at least {min} and at most {max} words"),
            "turn them round",
        );
    }
    if essay.files_min > essay.files_max {
        found.error(
            "files",
            format!(
                "at least {} and at most {} files",
                essay.files_min, essay.files_max
            ),
            "let as many be added as must be",
        );
    }
}
