use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::{Answer, Instance, Item, Question, Scorer};

use crate::qti::read_item;

const MATCH: &str = "<responseProcessing template='http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct'/>";
const MAP: &str = "<responseProcessing template='http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response'/>";

fn item(response: &str, body: &str, processing: &str) -> String {
    format!(
        "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='i' title='T'>{response}<outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float'/><itemBody>{body}</itemBody>{processing}</assessmentItem>"
    )
}

fn declare(kind: &str, correct: &[&str], mapping: &str) -> String {
    let (cardinality, base) = kind.split_once(' ').unwrap();
    let values: String = correct
        .iter()
        .map(|value| format!("<value>{value}</value>"))
        .collect();
    format!(
        "<responseDeclaration identifier='RESPONSE' cardinality='{cardinality}' baseType='{base}'><correctResponse>{values}</correctResponse>{mapping}</responseDeclaration>"
    )
}

fn mapping(attributes: &str, entries: &[(&str, &str)]) -> String {
    let entries: String = entries
        .iter()
        .map(|(key, value)| format!("<mapEntry mapKey='{key}' mappedValue='{value}'/>"))
        .collect();
    format!("<mapping {attributes}>{entries}</mapping>")
}

fn set(value: &str) -> String {
    format!("<setOutcomeValue identifier='SCORE'>{value}</setOutcomeValue>")
}

fn float(number: &str) -> String {
    format!("<baseValue baseType='float'>{number}</baseValue>")
}

const RIGHT: &str =
    "<match><variable identifier='RESPONSE'/><correct identifier='RESPONSE'/></match>";

/// The declared right response gives one, everything else another number.
fn either(right: &str, wrong: &str) -> String {
    format!(
        "<responseProcessing><responseCondition><responseIf>{RIGHT}{}</responseIf><responseElse>{}</responseElse></responseCondition></responseProcessing>",
        set(&float(right)),
        set(&float(wrong))
    )
}

fn choice(most: u32) -> String {
    let options: String = ["A", "B", "C"]
        .iter()
        .map(|id| format!("<simpleChoice identifier='{id}'>{id}</simpleChoice>"))
        .collect();
    format!(
        "<choiceInteraction responseIdentifier='RESPONSE' maxChoices='{most}'>{options}</choiceInteraction>"
    )
}

const ENTRY: &str = "<p>Say</p><textEntryInteraction responseIdentifier='RESPONSE'/>";
const PAIRS: &str = "<matchInteraction responseIdentifier='RESPONSE' maxAssociations='3'><simpleMatchSet><simpleAssociableChoice identifier='C' matchMax='1'>c</simpleAssociableChoice><simpleAssociableChoice identifier='D' matchMax='1'>d</simpleAssociableChoice><simpleAssociableChoice identifier='L' matchMax='1'>l</simpleAssociableChoice></simpleMatchSet><simpleMatchSet><simpleAssociableChoice identifier='M' matchMax='4'>m</simpleAssociableChoice><simpleAssociableChoice identifier='R' matchMax='4'>r</simpleAssociableChoice></simpleMatchSet></matchInteraction>";
const GAPS: &str = "<gapMatchInteraction responseIdentifier='RESPONSE'><gapText identifier='W' matchMax='1'>winter</gapText><gapText identifier='S' matchMax='1'>summer</gapText><p>the <gap identifier='G1'/> and <gap identifier='G2'/></p></gapMatchInteraction>";

fn read(text: &str) -> (Question, Vec<String>) {
    let imported = read_item(text, "i.xml").unwrap();
    let losses = imported
        .losses
        .iter()
        .map(|loss| loss.what.clone())
        .collect();
    match imported.quiz.items.first() {
        Some(Item::Question(question)) => (question.clone(), losses),
        _ => panic!("{losses:?}"),
    }
}

fn points(question: &Question, answer: &Answer) -> f64 {
    let scorer = Scorer::new(question, &Instance::default()).unwrap();
    scorer.score(Some(answer)).unwrap().points
}

/// Points of answers, each an option, a text or a number, and what was told.
fn given(text: &str, answers: &[&str]) -> (Vec<f64>, Vec<String>) {
    let (question, losses) = read(text);
    let answer = |said: &str| match question.kind.name() {
        "choice" => Answer::Choice {
            options: said.split_whitespace().map(str::to_owned).collect(),
        },
        "ordering" => Answer::Ordering {
            items: said.split_whitespace().map(str::to_owned).collect(),
        },
        "short_answer" => Answer::ShortAnswer {
            text: said.to_owned(),
        },
        "numeric" => Answer::Numeric {
            number: said.to_owned(),
            unit: None,
        },
        "blanks" => Answer::Blanks {
            blanks: said
                .split_whitespace()
                .map(|pair| {
                    let (word, gap) = pair.split_once('-').unwrap();
                    (gap.to_owned(), BlankAnswer::Chosen(vec![word.to_owned()]))
                })
                .collect(),
        },
        _ => Answer::Matching {
            targets: said
                .split_whitespace()
                .map(|pair| pair.split_once('-').unwrap())
                .map(|(one, other)| (one.to_owned(), other.to_owned()))
                .collect(),
        },
    };
    (
        answers
            .iter()
            .map(|said| points(&question, &answer(said)))
            .collect(),
        losses,
    )
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn bounds_of_a_mapping_hold_for_texts_and_choices() {
    let wrong = mapping(
        "lowerBound='0' upperBound='1' defaultValue='-1'",
        &[("york", "2")],
    );
    let text = item(&declare("single string", &["york"], &wrong), ENTRY, MAP);
    assert_eq!(given(&text, &["york", "leeds"]), (vec![1.0, 0.0], NOTHING));
    let least = mapping("lowerBound='0.5' defaultValue='0'", &[("A", "2")]);
    let text = item(
        &declare("single identifier", &["A"], &least),
        &choice(1),
        MAP,
    );
    let (points, told) = given(&text, &["A", "B", "C"]);
    assert_eq!(points, [2.0, 0.5, 0.5]);
    // The template gives nothing for no answer.
    assert_eq!(told, NOTHING);
    let away = mapping("defaultValue='-1'", &[("york", "2")]);
    let text = item(&declare("single string", &["york"], &away), ENTRY, MAP);
    assert_eq!(given(&text, &["york", "leeds"]), (vec![2.0, -1.0], NOTHING));
}

#[test]
fn bounds_on_the_sum_of_pairs_and_what_wrong_ones_give_are_carried() {
    let three = [("C R", "1"), ("D M", "1"), ("L M", "1")];
    let two = mapping("lowerBound='0' upperBound='2' defaultValue='0'", &three);
    let right = declare("multiple directedPair", &["C R", "D M", "L M"], &two);
    let answers = ["C-R D-M L-M", "C-R D-M", "C-R", "C-M"];
    assert_eq!(
        given(&item(&right, PAIRS, MAP), &answers),
        (vec![2.0, 2.0, 1.0, 0.0], NOTHING)
    );
    let part = [("C R", "1"), ("C M", "0.5"), ("D M", "1"), ("L M", "1")];
    let away = mapping("lowerBound='-1' defaultValue='-2'", &part);
    let right = declare("multiple directedPair", &["C R", "D M", "L M"], &away);
    let answers = ["C-R D-M L-M", "C-M D-M", "C-R D-R L-M", "C-R D-R L-R"];
    assert_eq!(
        given(&item(&right, PAIRS, MAP), &answers),
        (vec![3.0, 1.5, 0.0, -1.0], NOTHING)
    );
}

#[test]
fn a_wrong_word_of_a_gap_match_takes_points_from_the_others() {
    let text = |bounds: &str| {
        let words = mapping(bounds, &[("W G1", "1"), ("S G2", "2")]);
        let right = declare("multiple directedPair", &["W G1", "S G2"], &words);
        item(&right, GAPS, MAP)
    };
    let answers = ["W-G1 S-G2", "S-G2", "W-G2", "W-G1 W-G2"];
    let (points, told) = given(&text("lowerBound='0' defaultValue='-1'"), &answers);
    assert_eq!(points, [3.0, 2.0, 0.0, 0.0]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("words to drag"), "{told:?}");
    let (points, told) = given(&text("lowerBound='0' upperBound='1'"), &answers);
    assert_eq!(points, [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(told.len(), 1, "{told:?}");
    // Without a bound that is met each gap counts by itself.
    let (points, told) = given(&text("lowerBound='0' upperBound='3'"), &answers);
    assert_eq!(points, [3.0, 2.0, 0.0, 1.0]);
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn wrong_answers_as_a_whole_give_what_the_rules_give() {
    let several = declare("multiple identifier", &["A", "B"], "");
    let text = item(&several, &choice(0), &either("3", "-1"));
    let (points, told) = given(&text, &["A B", "A", "C", "A B C"]);
    assert_eq!(points, [3.0, -1.0, -1.0, -1.0]);
    assert_eq!(
        told,
        ["no answer at all gives -1 points in the item and 0 here"]
    );
}

/// `RESPONSE` is these values, in a container.
fn is_whole(container: &str, ids: &[&str]) -> String {
    let values: String = ids
        .iter()
        .map(|id| format!("<baseValue baseType='identifier'>{id}</baseValue>"))
        .collect();
    format!("<match><variable identifier='RESPONSE'/><{container}>{values}</{container}></match>")
}

#[test]
fn answers_that_rules_name_have_a_share_of_their_own() {
    let rules = |other: String| {
        format!(
            "<responseProcessing><responseCondition><responseIf>{RIGHT}{}</responseIf><responseElseIf>{other}{}</responseElseIf></responseCondition></responseProcessing>",
            set(&float("2")),
            set(&float("1"))
        )
    };
    let body = choice(0)
        .replace("choiceInteraction", "orderInteraction")
        .replace(" maxChoices='0'", "");
    let right = declare("ordered identifier", &["C", "A", "B"], "");
    let text = item(&right, &body, &rules(is_whole("ordered", &["C", "B", "A"])));
    let (points, told) = given(&text, &["C A B", "C B A", "A B C"]);
    assert_eq!((points, told), (vec![2.0, 1.0, 0.0], NOTHING));
    let right = declare("multiple identifier", &["A", "B"], "");
    let text = item(
        &right,
        &choice(0),
        &rules(is_whole("multiple", &["C", "B"])),
    );
    let (points, told) = given(&text, &["A B", "B C", "A B C", "A"]);
    assert_eq!((points, told), (vec![2.0, 1.0, 0.0, 0.0], NOTHING));
    // More than the sum of what each gives; what a wrong one takes away is hidden by the bound.
    let table = mapping(
        "lowerBound='0' defaultValue='0'",
        &[("A", "2"), ("B", "2"), ("C", "-2")],
    );
    let right = declare("multiple identifier", &["A", "B"], &table);
    let whole = format!(
        "<responseProcessing>{}<responseCondition><responseIf>{RIGHT}{}</responseIf></responseCondition></responseProcessing>",
        set("<mapResponse identifier='RESPONSE'/>"),
        set(&float("5"))
    );
    let (points, told) = given(&item(&right, &choice(0), &whole), &["A B", "A", "A C"]);
    assert_eq!((points, told), (vec![5.0, 2.0, 0.0], NOTHING));
}

/// Sums of pairs that are told with an answer: no bound of the whole is below all of it.
#[test]
fn what_cannot_be_said_is_told_with_an_answer() {
    let away = mapping(
        "defaultValue='-5'",
        &[("C R", "1"), ("D M", "1"), ("L M", "1")],
    );
    let right = declare("multiple directedPair", &["C R", "D M", "L M"], &away);
    let (_, told) = read(&item(&right, PAIRS, MAP));
    assert!(told[0].starts_with("the points differ for "), "{told:?}");
    assert!(told[0].contains("in the item and -3 here"), "{told:?}");
}

#[test]
fn points_of_rules_are_those_of_the_item() {
    let one = declare("single identifier", &["A"], "");
    let (points, told) = given(
        &item(&one, &choice(1), &either("2", "-1")),
        &["A", "B", "C"],
    );
    assert_eq!(points, [2.0, -1.0, -1.0]);
    assert_eq!(
        told,
        ["no answer at all gives -1 points in the item and 0 here"]
    );
    let table = mapping("defaultValue='0'", &[("A", "2"), ("B", "1")]);
    let ten = set(&format!(
        "<product><mapResponse identifier='RESPONSE'/>{}</product>",
        float("10")
    ));
    let text = item(
        &declare("single identifier", &["A"], &table),
        &choice(1),
        &format!("<responseProcessing>{ten}</responseProcessing>"),
    );
    assert_eq!(
        given(&text, &["A", "B", "C"]),
        (vec![20.0, 10.0, 0.0], NOTHING)
    );
    // Halved afterwards, and never below 0.
    let score = "<variable identifier='SCORE'/>";
    let halved = set(&format!("<product>{score}{}</product>", float("0.5")));
    let never = format!(
        "<responseCondition><responseIf><lt>{score}{0}</lt>{1}</responseIf></responseCondition>",
        float("0"),
        set(&float("0"))
    );
    let rules = either("5", "-1").replace("</responseProcessing>", "");
    let text = item(
        &one,
        &choice(1),
        &format!("{rules}{halved}{never}</responseProcessing>"),
    );
    assert_eq!(given(&text, &["A", "B"]), (vec![2.5, 0.0], NOTHING));
}

#[test]
fn conditions_for_each_option_add_up_from_the_declared_default() {
    let adds = |id: &str, by: &str| {
        format!(
            "<responseCondition><responseIf><match><variable identifier='RESPONSE'/><baseValue baseType='identifier'>{id}</baseValue></match>{}</responseIf></responseCondition>",
            set(&format!(
                "<sum><variable identifier='SCORE'/>{}</sum>",
                float(by)
            ))
        )
    };
    let rules = format!(
        "<responseProcessing>{}{}</responseProcessing>",
        adds("A", "2"),
        adds("B", "1")
    );
    let text = item(
        &declare("single identifier", &["A"], ""),
        &choice(1),
        &rules,
    );
    assert_eq!(
        given(&text, &["A", "B", "C"]),
        (vec![2.0, 1.0, 0.0], NOTHING)
    );
    let text = text.replace(
        "baseType='float'/>",
        "baseType='float'><defaultValue><value>1</value></defaultValue></outcomeDeclaration>",
    );
    let (points, told) = given(&text, &["A", "B", "C"]);
    assert_eq!(points, [3.0, 2.0, 1.0]);
    assert_eq!(
        told,
        ["no answer at all gives 1 point in the item and 0 here"]
    );
}

#[test]
fn pairs_and_gaps_are_scaled_or_told() {
    let pairs = declare("multiple directedPair", &["C R", "D M", "L M"], "");
    let (points, told) = given(
        &item(&pairs, PAIRS, &either("5", "0")),
        &["C-R D-M L-M", "C-R D-M"],
    );
    assert_eq!((points, told), (vec![5.0, 0.0], NOTHING));
    let (points, told) = given(
        &item(&pairs, PAIRS, &either("5", "1")),
        &["C-R D-M L-M", "C-R D-M", "C-M"],
    );
    assert_eq!(points, [5.0, 1.0, 1.0]);
    let empty = "no answer at all gives 1 point in the item and 0 here";
    assert_eq!(told, [empty]);
    let gaps = declare("multiple directedPair", &["W G1", "S G2"], "");
    let (points, told) = given(
        &item(&gaps, GAPS, &either("4", "0")),
        &["W-G1 S-G2", "W-G1"],
    );
    assert_eq!(points, [4.0, 0.0]);
    assert_eq!(told.len(), 1, "{told:?}");
    let (points, told) = given(
        &item(&gaps, GAPS, &either("4", "2")),
        &["W-G1 S-G2", "W-G1"],
    );
    assert_eq!(points, [4.0, 2.0]);
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn several_choices_are_weighed_as_the_rules_weigh_them() {
    let each = |id: &str, by: &str| {
        format!(
            "<responseCondition><responseIf><member><baseValue baseType='identifier'>{id}</baseValue><variable identifier='RESPONSE'/></member>{}</responseIf></responseCondition>",
            set(&format!(
                "<sum><variable identifier='SCORE'/>{}</sum>",
                float(by)
            ))
        )
    };
    let rules = format!(
        "<responseProcessing>{}{}{}</responseProcessing>",
        each("A", "1"),
        each("B", "1"),
        each("C", "-0.5")
    );
    let text = item(
        &declare("multiple identifier", &["A", "B"], ""),
        &choice(0),
        &rules,
    );
    let (points, told) = given(&text, &["A B", "A", "A C", "C", "A B C"]);
    assert_eq!((points, told), (vec![2.0, 1.0, 0.5, -0.5, 1.5], NOTHING));
    let text = item(
        &declare("multiple identifier", &["A", "B"], ""),
        &choice(0),
        MATCH,
    );
    assert_eq!(given(&text, &["A B", "A"]), (vec![1.0, 0.0], NOTHING));
}

#[test]
fn tolerances_are_measured_as_qti_measures_them() {
    let equal = |attributes: &str, first: &str, second: &str| {
        let rule = format!(
            "<responseProcessing><responseCondition><responseIf><equal {attributes}>{first}{second}</equal>{}</responseIf></responseCondition></responseProcessing>",
            set(&float("1"))
        );
        item(&declare("single float", &["100"], ""), ENTRY, &rule)
    };
    let (answer, right) = (
        "<variable identifier='RESPONSE'/>",
        "<correct identifier='RESPONSE'/>",
    );
    // The right number must lie within [answer - 0.1, answer + 0.2].
    let text = equal(
        "toleranceMode='absolute' tolerance='0.1 0.2'",
        answer,
        right,
    );
    let (points, told) = given(&text, &["100.09", "100.11", "99.81", "99.79"]);
    assert_eq!((points, told), (vec![1.0, 0.0, 1.0, 0.0], NOTHING));
    let text = equal(
        "toleranceMode='absolute' tolerance='0.1 0.2'",
        right,
        answer,
    );
    let (points, told) = given(&text, &["99.91", "99.89", "100.19", "100.21"]);
    assert_eq!((points, told), (vec![1.0, 0.0, 1.0, 0.0], NOTHING));
    let text = equal("toleranceMode='relative' tolerance='1'", answer, right);
    assert_eq!(
        given(&text, &["101.01", "101.02", "99.005"]),
        (vec![1.0, 0.0, 0.0], NOTHING)
    );
    let text = equal("toleranceMode='relative' tolerance='1'", right, answer);
    assert_eq!(
        given(&text, &["101", "101.01", "99"]),
        (vec![1.0, 0.0, 1.0], NOTHING)
    );
    let text = equal("", answer, right)
        .replace(
            "<equal ",
            "<equalRounded roundingMode='decimalPlaces' figures='2'",
        )
        .replace("</equal>", "</equalRounded>")
        .replace("<value>100</value>", "<value>3.14159</value>");
    let (points, told) = given(&text, &["3.135", "3.1449", "3.145", "3.134"]);
    assert_eq!((points, told), (vec![1.0, 1.0, 0.0, 0.0], NOTHING));
}

#[test]
fn patterns_tell_upper_from_lower_case() {
    let rule = |test: &str| {
        let rules = format!(
            "<responseProcessing><responseCondition><responseIf>{test}{}</responseIf></responseCondition></responseProcessing>",
            set(&float("1"))
        );
        item(&declare("single string", &["abc"], ""), ENTRY, &rules)
    };
    let variable = "<variable identifier='RESPONSE'/>";
    let text = rule(&format!(
        "<patternMatch pattern='[a-c]+'>{variable}</patternMatch>"
    ));
    assert_eq!(
        given(&text, &["abc", "ABC", "x"]),
        (vec![1.0, 0.0, 0.0], NOTHING)
    );
    let text = rule(&format!(
        "<stringMatch caseSensitive='false' substring='true'>{variable}<baseValue baseType='string'>bc</baseValue></stringMatch>"
    ));
    assert_eq!(
        given(&text, &["abcd", "aBC", "ab"]),
        (vec![1.0, 1.0, 0.0], NOTHING)
    );
}

#[test]
fn rules_that_are_not_run_are_named() {
    let rules = format!(
        "<responseProcessing><responseCondition><responseIf><customOperator>{RIGHT}</customOperator>{}</responseIf></responseCondition></responseProcessing>",
        set(&float("1"))
    );
    let (_, told) = read(&item(
        &declare("single identifier", &["A"], ""),
        &choice(1),
        &rules,
    ));
    assert!(
        told.iter()
            .any(|told| told.contains("whose rules use customOperator")),
        "{told:?}"
    );
    let (_, told) = read(&item(
        &declare("single identifier", &["A"], ""),
        &choice(1),
        "<responseProcessing template='http://example.org/own.xml'/>",
    ));
    assert!(
        told.iter().any(|told| told.contains("the template `own`")),
        "{told:?}"
    );
}

#[test]
fn declarations_without_rules_imply_points() {
    let least = mapping(
        "lowerBound='0.5' defaultValue='0'",
        &[("A", "2"), ("B", "1")],
    );
    let text = item(
        &declare("single identifier", &["A"], &least),
        &choice(1),
        "",
    );
    assert_eq!(
        given(&text, &["A", "B", "C"]),
        (vec![2.0, 1.0, 0.5], NOTHING)
    );
    let three = [("C R", "1"), ("D M", "1"), ("L M", "1")];
    let two = mapping("upperBound='2'", &three);
    let right = declare("multiple directedPair", &["C R", "D M", "L M"], &two);
    let answers = ["C-R D-M L-M", "C-R D-M", "C-R"];
    assert_eq!(
        given(&item(&right, PAIRS, ""), &answers),
        (vec![2.0, 2.0, 1.0], NOTHING)
    );
}

#[test]
fn more_parts_than_a_question_may_have_are_not_tried() {
    let options: String = (0..600)
        .map(|number| format!("<simpleChoice identifier='c{number}'>c</simpleChoice>"))
        .collect();
    let body = format!(
        "<choiceInteraction responseIdentifier='RESPONSE' maxChoices='0'>{options}</choiceInteraction>"
    );
    let (_, told) = read(&item(
        &declare("multiple identifier", &["c1", "c2"], ""),
        &body,
        MATCH,
    ));
    assert_eq!(
        told,
        ["its points were not compared with those of the item"]
    );
}
