//! Questions that may give the points of samples: each scheme that Carrel has, with the numbers
//! that the samples ask for. Whether one does is for the comparison to say.

use std::collections::BTreeMap;

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{
    BlankKey, Blanks, Choice, ChoiceScheme, Kind, Matching, OrderScheme, PartScheme, Select,
};
use carrel_quiz::{Answer, Question};

use super::typed::{number_key, text_key};
use super::{Samples, whole};

/// Most options that are weighed one by one.
const OPTIONS_MAX: usize = 100;

/// Points by answer.
pub(super) type Table = Vec<(Answer, f64)>;

/// The question with other points and schemes.
pub(super) fn candidates(question: &Question, samples: &Samples) -> Vec<Question> {
    let answered = samples.all.iter().filter(|sample| !sample.is_empty());
    // Of a question with variables one instance says enough.
    let table: Table = answered
        .filter(|sample| sample.instance == 0)
        .filter_map(|sample| Some((sample.answer(question)?, sample.points)))
        .collect();
    let most = table.iter().map(|(_, points)| *points).fold(0.0, f64::max);
    if most <= 0.0 {
        return Vec::new();
    }
    let kinds: Vec<Kind> = match &question.kind {
        Kind::Choice(choice) if choice.select == Select::One => {
            one_of(choice, &single(&table), most)
                .map(Kind::Choice)
                .into_iter()
                .collect()
        }
        Kind::Choice(choice) => many_of(choice, &table, most)
            .into_iter()
            .chain(scaled(choice, question.points / most))
            .map(Kind::Choice)
            .collect(),
        Kind::Matching(matching) => pairs(matching, &table),
        Kind::Ordering(ordering) => {
            let schemes = [
                OrderScheme::AllOrNothing,
                OrderScheme::Positions,
                OrderScheme::Neighbours,
                OrderScheme::LongestCommonSubsequence,
            ];
            let with = |scheme| {
                let mut other = ordering.clone();
                other.scheme = scheme;
                Kind::Ordering(other)
            };
            schemes.into_iter().map(with).collect()
        }
        Kind::Blanks(blanks) => in_blanks(blanks, &table, most),
        Kind::ShortAnswer(_) | Kind::Numeric(_) => {
            let typed = typed(&question.kind, &table, most);
            typed.into_iter().collect()
        }
        _ => Vec::new(),
    };
    let with = |kind| Question {
        kind,
        points: most,
        ..question.clone()
    };
    let plain: Vec<Question> = kinds.into_iter().map(with).collect();
    let all = plain.iter().chain([question]);
    let wrong = all
        .filter_map(|one| whole::with_wrong(one, &table))
        .collect();
    [plain, wrong].concat()
}

/// A typed answer with the scores that the samples ask for.
fn typed(kind: &Kind, table: &Table, most: f64) -> Option<Kind> {
    let given = |answer: &Answer| match answer {
        Answer::ShortAnswer { text } => Some(text.clone()),
        Answer::Numeric { number, .. } => Some(number.clone()),
        _ => None,
    };
    let rows = table
        .iter()
        .filter_map(|(answer, points)| Some((given(answer)?, *points)));
    let rows: Vec<(String, f64)> = rows.collect();
    match kind {
        Kind::ShortAnswer(key) => text_key(key, &rows, most).map(Kind::ShortAnswer),
        Kind::Numeric(key) => number_key(key, &rows, most).map(Kind::Numeric),
        _ => None,
    }
}

/// Answers of one option each, by its id.
fn single(table: &Table) -> BTreeMap<String, f64> {
    let one = |(answer, points): &(Answer, f64)| match answer {
        Answer::Choice { options } if options.len() == 1 => Some((options[0].clone(), *points)),
        _ => None,
    };
    table.iter().filter_map(one).collect()
}

/// A share of the most; nothing where it is less than all of it taken away.
pub(super) fn share(points: f64, most: f64) -> Option<f64> {
    let share = points / most;
    (-1.0..=1.0 + 1e-9).contains(&share).then(|| share.min(1.0))
}

fn one_of(choice: &Choice, table: &BTreeMap<String, f64>, most: f64) -> Option<Choice> {
    let mut fitted = choice.clone();
    let mut least: f64 = 0.0;
    for option in &mut fitted.options {
        let weight = share(*table.get(&option.id)?, most)?;
        least = least.min(weight);
        option.weight = Some(weight);
    }
    // What is declared right stays so where it is worth the whole.
    if !fitted
        .options
        .iter()
        .any(|option| option.correct && option.weight == Some(1.0))
    {
        for option in &mut fitted.options {
            option.correct = option.weight == Some(1.0);
        }
    }
    let plain = fitted
        .options
        .iter()
        .all(|option| option.weight == Some(f64::from(u8::from(option.correct))));
    if plain {
        fitted
            .options
            .iter_mut()
            .for_each(|option| option.weight = None);
    }
    fitted.scheme = ChoiceScheme::Weights {
        floor: least,
        ceiling: 1.0,
    };
    Some(fitted)
}

/// Points by the set of options chosen.
struct Sets<'t> {
    all: Vec<(&'t Vec<String>, f64)>,
    most: f64,
}

impl<'t> Sets<'t> {
    fn points_of(&self, wanted: &[&String]) -> Option<f64> {
        if wanted.is_empty() {
            return Some(0.0);
        }
        let same = |set: &&(&Vec<String>, f64)| {
            set.0.len() == wanted.len() && wanted.iter().all(|id| set.0.contains(id))
        };
        self.all.iter().find(same).map(|set| set.1)
    }

    /// The declared options where they give everything, else the fewest that do.
    fn best(&self, declared: Vec<&'t String>) -> Vec<&'t String> {
        let full = |points: f64| points >= self.most - 1e-9;
        if self.points_of(&declared).is_some_and(full) {
            return declared;
        }
        let fullest = self.all.iter().filter(|set| full(set.1));
        let fewest = fullest.min_by_key(|set| set.0.len());
        fewest.map(|set| set.0.iter().collect()).unwrap_or_default()
    }

    /// What an option changes in the right ones.
    fn change(&self, best: &[&String], id: &String) -> Option<f64> {
        let mut turned = best.to_vec();
        match turned.iter().position(|known| *known == id) {
            Some(place) => {
                turned.remove(place);
                Some(self.most - self.points_of(&turned)?)
            }
            None => {
                turned.push(id);
                Some(self.points_of(&turned)? - self.most)
            }
        }
    }
}

/// The same weights for a question of other points.
fn scaled(choice: &Choice, by: f64) -> Option<Choice> {
    let ChoiceScheme::Weights { floor, ceiling } = choice.scheme else {
        return None;
    };
    if !(0.0..1.0).contains(&by) || by == 0.0 {
        return None;
    }
    let mut scaled = choice.clone();
    scaled.scheme = ChoiceScheme::Weights {
        floor: floor * by,
        ceiling: ceiling * by,
    };
    for (scaled, option) in scaled.options.iter_mut().zip(&choice.options) {
        scaled.weight = Some(choice.weight(option) * by);
    }
    Some(scaled)
}

fn many_of(choice: &Choice, table: &Table, most: f64) -> Vec<Choice> {
    let sets = table.iter().filter_map(|(answer, points)| match answer {
        Answer::Choice { options } => Some((options, *points)),
        _ => None,
    });
    let sets = Sets {
        all: sets.collect(),
        most,
    };
    let declared = choice.options.iter().filter(|option| option.correct);
    let best = sets.best(declared.map(|option| &option.id).collect());
    let mut plain = choice.clone();
    for option in &mut plain.options {
        option.correct = best.contains(&&option.id);
        option.weight = None;
    }
    let with = |scheme| Choice {
        scheme,
        ..plain.clone()
    };
    let mut found = vec![
        with(ChoiceScheme::AllOrNothing),
        with(ChoiceScheme::RightMinusWrong),
        with(ChoiceScheme::EveryDecision),
    ];
    if choice.options.len() > OPTIONS_MAX {
        return found;
    }
    let least = sets.all.iter().map(|set| set.1).fold(0.0, f64::min);
    let Some(floor) = share(least, most) else {
        return found;
    };
    let weighted = |weight_of: &dyn Fn(&String) -> Option<f64>| {
        let mut weighted = with(ChoiceScheme::Weights {
            floor,
            ceiling: 1.0,
        });
        for option in &mut weighted.options {
            option.weight = Some(share(weight_of(&option.id)?, most)?);
        }
        Some(weighted)
    };
    // By what each gives alone, and by what it changes in the right ones.
    found.extend(weighted(&|id| sets.points_of(&[id])));
    found.extend(weighted(&|id| sets.change(&best, id)));
    found
}

fn pairs(matching: &Matching, table: &Table) -> Vec<Kind> {
    let whole = Matching {
        scheme: PartScheme::AllOrNothing,
        ..matching.clone()
    };
    // As it was read, with the points that the rules make of it.
    let mut found = vec![Kind::Matching(matching.clone()), Kind::Matching(whole)];
    let mut each = matching.clone();
    each.scheme = PartScheme::EachPart;
    let right: BTreeMap<&String, &String> = matching
        .items
        .iter()
        .map(|item| (&item.id, &item.target))
        .collect();
    let points_without = |without: Option<&String>| {
        table.iter().find_map(|(answer, points)| {
            let Answer::Matching { targets } = answer else {
                return None;
            };
            let same = right.iter().all(|(item, target)| {
                (targets.get(*item) == Some(*target)) == (Some(*item) != without)
            });
            same.then_some(*points)
        })
    };
    let Some(full) = points_without(None) else {
        return found;
    };
    let mut weights = Vec::new();
    for item in &matching.items {
        match points_without(Some(&item.id)) {
            Some(points) if points < full - 1e-9 => weights.push(full - points),
            // One pair alone: without it nothing is given.
            None if matching.items.len() == 1 => weights.push(full),
            _ => return found,
        }
    }
    for (item, weight) in each.items.iter_mut().zip(weights) {
        item.weight = weight;
    }
    found.push(Kind::Matching(each));
    found
}

/// Blanks whose points add up, within the least and the most that there are.
fn bounded(blanks: &Blanks, table: &Table, most: f64) -> Option<Blanks> {
    let sum: f64 = blanks.blanks.iter().map(|blank| blank.weight).sum();
    let least = table.iter().map(|(_, points)| *points);
    let least = least.fold(f64::INFINITY, f64::min);
    if blanks.scheme == PartScheme::AllOrNothing || sum <= 0.0 {
        return None;
    }
    let mut bounded = blanks.clone();
    bounded.scheme = PartScheme::Weights {
        floor: share(least, most)?.min(1.0 - 1e-9),
        ceiling: 1.0,
    };
    for blank in &mut bounded.blanks {
        // Weights are points as read.
        blank.weight /= most;
    }
    Some(bounded)
}

fn in_blanks(blanks: &Blanks, table: &Table, most: f64) -> Vec<Kind> {
    let mut found = vec![
        Kind::Blanks(blanks.clone()),
        Kind::Blanks(Blanks {
            scheme: PartScheme::AllOrNothing,
            ..blanks.clone()
        }),
    ];
    found.extend(bounded(blanks, table, most).map(Kind::Blanks));
    let given = table.iter().filter_map(|(answer, points)| match answer {
        Answer::Blanks { blanks } => Some((blanks, *points)),
        _ => None,
    });
    let given: Vec<(&BTreeMap<String, BlankAnswer>, f64)> = given.collect();
    let Some((best, _)) = given.iter().find(|(_, points)| *points >= most - 1e-9) else {
        return found;
    };
    let mut each = Blanks {
        scheme: PartScheme::EachPart,
        ..blanks.clone()
    };
    for blank in &mut each.blanks {
        // What is given in this blank, the others right.
        let rows = given.iter().filter(|(answers, _)| {
            let one = answers.iter().filter(|(id, _)| **id != blank.id);
            one.eq(best.iter().filter(|(id, _)| **id != blank.id))
        });
        let mut without = None;
        let mut typed: Vec<(String, f64)> = Vec::new();
        for (answers, points) in rows {
            match answers.get(&blank.id) {
                None => without = Some(*points),
                Some(BlankAnswer::Typed(text)) => typed.push((text.clone(), *points)),
                Some(BlankAnswer::Chosen(ids)) => match ids.as_slice() {
                    [id] => typed.push((id.clone(), *points)),
                    _ => return found,
                },
            }
        }
        // A blank that stands alone gives nothing when it is empty.
        let without = match without {
            Some(points) => points,
            None if blanks.blanks.len() == 1 => 0.0,
            None => return found,
        };
        typed.iter_mut().for_each(|(_, points)| *points -= without);
        let worth = typed.iter().map(|(_, points)| *points).fold(0.0, f64::max);
        if worth <= 1e-9 {
            return found;
        }
        let fitted = match &blank.key {
            BlankKey::Choice(choice) => {
                one_of(choice, &typed.into_iter().collect(), worth).map(BlankKey::Choice)
            }
            BlankKey::Text(key) => text_key(key, &typed, worth).map(BlankKey::Text),
            BlankKey::Number(key) => number_key(key, &typed, worth).map(BlankKey::Number),
        };
        let Some(fitted) = fitted else {
            return found;
        };
        blank.key = fitted;
        blank.weight = worth;
    }
    found.push(Kind::Blanks(each));
    found
}
