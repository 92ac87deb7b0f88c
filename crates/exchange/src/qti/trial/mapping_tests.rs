//! Mappings by chance, held against an evaluator of a few lines that knows nothing of the other.

use std::collections::BTreeMap;

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::{Answer, Instance, Item, Question, Quiz, Scorer};
use proptest::prelude::*;

use crate::Format;
use crate::qti::read_item;

/// A mapping of pairs: rows are sources, columns are targets.
#[derive(Debug, Clone)]
struct Drawn {
    worth: Vec<Vec<Option<f64>>>,
    right: Vec<usize>,
    default: f64,
    lower: Option<f64>,
    upper: Option<f64>,
}

impl Drawn {
    fn worth(&self, source: usize, target: usize) -> f64 {
        self.worth[source][target].unwrap_or(self.default)
    }

    /// What the specification says: the sum of what each pair gives, within the bounds.
    fn points(&self, given: &[Option<usize>]) -> f64 {
        let pairs = given.iter().enumerate();
        let pairs = pairs.filter_map(|(source, target)| Some((source, (*target)?)));
        let sum: f64 = pairs
            .map(|(source, target)| self.worth(source, target))
            .sum();
        let sum = self.upper.map_or(sum, |upper| sum.min(upper));
        self.lower.map_or(sum, |lower| sum.max(lower))
    }

    fn whole(&self) -> f64 {
        let right: Vec<Option<usize>> = self.right.iter().map(|target| Some(*target)).collect();
        self.points(&right)
    }

    /// All answers but the empty one.
    fn answers(&self) -> Vec<Vec<Option<usize>>> {
        let targets = self.worth[0].len();
        let mut all: Vec<Vec<Option<usize>>> = vec![Vec::new()];
        for _ in &self.worth {
            let longer = all.iter().flat_map(|one| {
                let choices = std::iter::once(None).chain((0..targets).map(Some));
                choices.map(|target| [one.as_slice(), &[target]].concat())
            });
            all = longer.collect();
        }
        all.retain(|given| given.iter().any(Option::is_some));
        all
    }

    /// Whether nothing takes away or gives more than the whole.
    fn is_within(&self) -> bool {
        let whole = self.whole() + 1e-9;
        let mut all = self.answers().into_iter();
        all.all(|given| (-whole..=whole).contains(&self.points(&given)))
    }

    /// Whether in no row a wrong target counts more than the right one.
    fn is_led_by_right(&self) -> bool {
        let mut rows = self.right.iter().enumerate();
        rows.all(|(source, right)| {
            let best = self.worth(source, *right);
            let mut row = (0..self.worth[source].len()).map(|target| self.worth(source, target));
            best > 0.0 && row.all(|worth| worth.abs() <= best)
        })
    }

    fn declaration(&self, turned: bool) -> String {
        let pair = |source: usize, target: usize| match turned {
            true => format!("T{target} S{source}"),
            false => format!("S{source} T{target}"),
        };
        let right = self.right.iter().enumerate();
        let right: String = right
            .map(|(source, target)| format!("<value>{}</value>", pair(source, *target)))
            .collect();
        let mut entries = String::new();
        for (source, row) in self.worth.iter().enumerate() {
            for (target, worth) in row.iter().enumerate() {
                if let Some(worth) = worth {
                    let key = pair(source, target);
                    entries.push_str(&format!("<mapEntry mapKey='{key}' mappedValue='{worth}'/>"));
                }
            }
        }
        let bound = |name: &str, bound: Option<f64>| {
            bound.map_or_else(String::new, |bound| format!(" {name}='{bound}'"))
        };
        format!(
            "<responseDeclaration identifier='RESPONSE' cardinality='multiple' baseType='directedPair'><correctResponse>{right}</correctResponse><mapping defaultValue='{}'{}{}>{entries}</mapping></responseDeclaration>",
            self.default,
            bound("lowerBound", self.lower),
            bound("upperBound", self.upper)
        )
    }

    fn item(&self, turned: bool, body: &str) -> String {
        format!(
            "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='i' title='T'>{}<outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float'/><itemBody>{body}</itemBody><responseProcessing template='http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response'/></assessmentItem>",
            self.declaration(turned)
        )
    }

    fn matching(&self) -> String {
        let side = |letter: &str, count: usize, most: usize| -> String {
            let choice = |number| {
                format!(
                    "<simpleAssociableChoice identifier='{letter}{number}' matchMax='{most}'>{letter} {number}</simpleAssociableChoice>"
                )
            };
            (0..count).map(choice).collect()
        };
        let body = format!(
            "<matchInteraction responseIdentifier='RESPONSE' maxAssociations='0'><simpleMatchSet>{}</simpleMatchSet><simpleMatchSet>{}</simpleMatchSet></matchInteraction>",
            side("S", self.worth.len(), 1),
            side("T", self.worth[0].len(), 0)
        );
        self.item(false, &body)
    }

    fn gaps(&self) -> String {
        let word =
            |target| format!("<gapText identifier='T{target}' matchMax='0'>w{target}</gapText>");
        let words: String = (0..self.worth[0].len()).map(word).collect();
        let gap = |source| format!("<p>gap <gap identifier='S{source}'/></p>");
        let gaps: String = (0..self.worth.len()).map(gap).collect();
        let body = format!(
            "<gapMatchInteraction responseIdentifier='RESPONSE'>{words}{gaps}</gapMatchInteraction>"
        );
        self.item(true, &body)
    }
}

fn quarters(range: std::ops::RangeInclusive<i32>) -> impl Strategy<Value = f64> {
    range.prop_map(|quarters| f64::from(quarters) / 4.0)
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (2..=3_usize, 2..=3_usize)
        .prop_flat_map(|(sources, targets)| {
            let entry = prop_oneof![
                2 => Just(None),
                1 => quarters(-4..=4).prop_map(Some),
            ];
            let row = prop::collection::vec(entry, targets);
            (
                prop::collection::vec(row, sources),
                prop::collection::vec((0..targets, quarters(0..=8)), sources),
                prop_oneof![2 => Just(0.0), 1 => quarters(-3..=1)],
                prop::option::of(quarters(-6..=1)),
                prop::option::of(quarters(2..=12)),
            )
        })
        .prop_map(|(mut worth, right, default, lower, upper)| {
            for (row, (target, points)) in worth.iter_mut().zip(&right) {
                row[*target] = Some(*points);
            }
            Drawn {
                worth,
                right: right.into_iter().map(|(target, _)| target).collect(),
                default,
                lower,
                upper,
            }
        })
        .prop_filter("a right answer gives points", |drawn| {
            drawn.whole() > 0.0 && drawn.lower.unwrap_or(-9.0) < drawn.upper.unwrap_or(99.0)
        })
}

/// The question of an item, and what was told of its points.
fn read(text: &str) -> (Question, Vec<String>) {
    let imported = read_item(text, "i.xml").unwrap();
    let told = imported.losses.into_iter().map(|loss| loss.what);
    let told: Vec<String> = told
        .filter(|what| !what.starts_with("words to drag"))
        .collect();
    match imported.quiz.items.into_iter().next() {
        Some(Item::Question(question)) => (question, told),
        _ => panic!("{told:?}"),
    }
}

fn points(question: &Question, given: &[Option<usize>]) -> f64 {
    let pairs = given.iter().enumerate();
    let pairs = pairs.filter_map(|(source, target)| Some((format!("S{source}"), (*target)?)));
    let answer = if question.kind.name() == "matching" {
        Answer::Matching {
            targets: pairs
                .map(|(source, target)| (source, format!("T{target}")))
                .collect(),
        }
    } else {
        let chosen = |target| BlankAnswer::Chosen(vec![format!("T{target}")]);
        let blanks: BTreeMap<String, BlankAnswer> = pairs
            .map(|(source, target)| (source, chosen(target)))
            .collect();
        Answer::Blanks { blanks }
    };
    let scorer = Scorer::new(question, &Instance::default()).unwrap();
    scorer.score(Some(&answer)).unwrap().points
}

/// The question as it comes back after it was written, and what was told.
fn there_and_back(question: &Question) -> (Question, Vec<String>) {
    let quiz = Quiz {
        id: "q".to_owned(),
        items: vec![Item::Question(question.clone())],
        ..Quiz::default()
    };
    let written = crate::write(Format::Qti, &quiz, &[]).unwrap();
    let again = crate::read(Format::Qti, &written.bytes, "q.zip").unwrap();
    let told = written.losses.into_iter().chain(again.losses);
    let told = told.map(|loss| loss.what).collect();
    (again.quiz.questions().next().unwrap().clone(), told)
}

fn all_the_same(drawn: &Drawn, question: &Question) -> Result<(), TestCaseError> {
    for given in drawn.answers() {
        let (theirs, ours) = (drawn.points(&given), points(question, &given));
        prop_assert!(
            (theirs - ours).abs() < 1e-6,
            "{given:?}: {theirs} and {ours}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn matches_give_what_their_mapping_gives(drawn in drawn()) {
        let (question, told) = read(&drawn.matching());
        prop_assert!(!drawn.is_within() || told.is_empty(), "{:?}", told);
        if told.is_empty() {
            all_the_same(&drawn, &question)?;
            let (again, told) = there_and_back(&question);
            prop_assert!(told.is_empty(), "{:?}", told);
            all_the_same(&drawn, &again)?;
        }
    }

    #[test]
    fn gap_matches_give_what_their_mapping_gives(drawn in drawn()) {
        let (question, told) = read(&drawn.gaps());
        let exact = drawn.is_within() && drawn.is_led_by_right();
        prop_assert!(!exact || told.is_empty(), "{:?}", told);
        if told.is_empty() {
            all_the_same(&drawn, &question)?;
            let (again, told) = there_and_back(&question);
            if told.is_empty() {
                all_the_same(&drawn, &again)?;
            }
        }
    }
}
