use super::*;
use carrel_quiz::kind::{BlankKey, Case, ChoiceScheme, OrderScheme};

const MATCH: &str = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct";
const MAP: &str = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response.xml";

fn item(declarations: &str, body: &str, processing: &str) -> String {
    format!(
        "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='I 1' title='T'>{declarations}<itemBody>{body}</itemBody>{processing}</assessmentItem>"
    )
}

fn template(address: &str) -> String {
    format!("<responseProcessing template='{address}'/>")
}

fn declare(cardinality: &str, base: &str, correct: &[&str], mapping: &str) -> String {
    let values: String = correct
        .iter()
        .map(|value| format!("<value>{value}</value>"))
        .collect();
    format!(
        "<responseDeclaration identifier='RESPONSE' cardinality='{cardinality}' baseType='{base}'><correctResponse>{values}</correctResponse>{mapping}</responseDeclaration>"
    )
}

fn one(text: &str) -> Question {
    let imported = read(text, "i.xml").unwrap();
    let Some(Item::Question(question)) = imported.quiz.items.first() else {
        panic!("{:?}", imported.losses)
    };
    question.clone()
}

fn left_out(text: &str) -> String {
    let imported = read(text, "i.xml").unwrap();
    assert!(imported.quiz.items.is_empty());
    imported.losses[0].to_string()
}

const CHOICE: &str = "<p>Ask</p><choiceInteraction responseIdentifier='RESPONSE' shuffle='true' maxChoices='0'><prompt>Pick</prompt>
 <simpleChoice identifier='A'>a<feedbackInline identifier='A'>well</feedbackInline></simpleChoice><simpleChoice identifier='B' fixed='true'>b</simpleChoice><simpleChoice identifier='C'>c</simpleChoice></choiceInteraction>";

#[test]
fn a_mapping_becomes_weights_within_its_bounds() {
    let mapping = "<mapping lowerBound='-1' upperBound='4' defaultValue='0'><mapEntry mapKey='A' mappedValue='3'/><mapEntry mapKey='B' mappedValue='1'/><mapEntry mapKey='C' mappedValue='-2'/></mapping>";
    let question = one(&item(
        &declare("multiple", "identifier", &["A", "B"], mapping),
        CHOICE,
        &template(MAP),
    ));
    assert_eq!((question.id.as_str(), question.points), ("i-1", 4.0));
    assert_eq!(question.text.source, "<p>Ask</p>Pick");
    let Kind::Choice(choice) = question.kind else {
        panic!()
    };
    let weights: Vec<_> = choice
        .options
        .iter()
        .map(|option| option.weight.unwrap())
        .collect();
    assert_eq!(weights, [0.75, 0.25, -0.5]);
    assert_eq!(
        choice.scheme,
        ChoiceScheme::Weights {
            floor: -0.25,
            ceiling: 1.0
        }
    );
    assert!(choice.options[1].fixed);
    assert_eq!(choice.options[0].feedback.as_ref().unwrap().source, "well");
}

#[test]
fn several_right_ones_without_mapping_are_all_or_nothing() {
    let question = one(&item(
        &declare("multiple", "identifier", &["A", "C"], ""),
        CHOICE,
        &template(MATCH),
    ));
    let Kind::Choice(choice) = question.kind else {
        panic!()
    };
    assert_eq!(
        (choice.scheme, choice.right_count()),
        (ChoiceScheme::AllOrNothing, 2)
    );
}

#[test]
fn both_spellings_read_alike() {
    let old = item(
        &declare("single", "identifier", &["A"], ""),
        CHOICE,
        &template(MATCH),
    );
    let new = "<qti-assessment-item identifier='I 1' title='T'><qti-response-declaration identifier='RESPONSE' cardinality='single' base-type='identifier'><qti-correct-response><qti-value>A</qti-value></qti-correct-response></qti-response-declaration><qti-item-body><p>Ask</p><qti-choice-interaction response-identifier='RESPONSE' shuffle='true' max-choices='0'><qti-prompt>Pick</qti-prompt><qti-simple-choice identifier='A'>a<qti-feedback-inline identifier='A'>well</qti-feedback-inline></qti-simple-choice><qti-simple-choice identifier='B' fixed='true'>b</qti-simple-choice><qti-simple-choice identifier='C'>c</qti-simple-choice></qti-choice-interaction></qti-item-body><qti-response-processing template='https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct'/></qti-assessment-item>";
    assert_eq!(one(&old), one(new));
}

#[test]
fn entries_in_running_text_become_blanks() {
    let mapping = "<mapping defaultValue='0'><mapEntry mapKey='York' mappedValue='2' caseSensitive='false'/><mapEntry mapKey='york' mappedValue='1' caseSensitive='false'/></mapping>";
    let body = "<p>Now is the winter of <textEntryInteraction responseIdentifier='RESPONSE' expectedLength='15'/>.</p>";
    let question = one(&item(
        &declare("single", "string", &["York"], mapping),
        body,
        &template(MAP),
    ));
    assert_eq!(
        (question.text.source.as_str(), question.points),
        ("<p>Now is the winter of [[RESPONSE]].</p>", 2.0)
    );
    let Kind::Blanks(blanks) = question.kind else {
        panic!()
    };
    let BlankKey::Text(key) = &blanks.blanks[0].key else {
        panic!()
    };
    assert_eq!((key.rules.case, key.patterns[1].score), (Case::Ignore, 0.5));

    let inline = "<p><inlineChoiceInteraction responseIdentifier='RESPONSE'><inlineChoice identifier='G'>g</inlineChoice><inlineChoice identifier='L'>l</inlineChoice></inlineChoiceInteraction></p>";
    let question = one(&item(
        &declare("single", "identifier", &["L"], ""),
        inline,
        &template(MATCH),
    ));
    let Kind::Blanks(blanks) = question.kind else {
        panic!()
    };
    assert!(matches!(&blanks.blanks[0].key, BlankKey::Choice(choice) if choice.options[1].correct));
}

#[test]
fn orders_pairs_and_gaps() {
    let order = "<orderInteraction responseIdentifier='RESPONSE'><simpleChoice identifier='B'>b</simpleChoice><simpleChoice identifier='A'>a</simpleChoice></orderInteraction>";
    let Kind::Ordering(read) = one(&item(
        &declare("ordered", "identifier", &["A", "B"], ""),
        order,
        &template(MATCH),
    ))
    .kind
    else {
        panic!()
    };
    assert_eq!(
        (read.items[0].id.as_str(), read.scheme),
        ("A", OrderScheme::AllOrNothing)
    );

    let pairs = "<matchInteraction responseIdentifier='RESPONSE'><simpleMatchSet><simpleAssociableChoice identifier='C' matchMax='1'>c</simpleAssociableChoice><simpleAssociableChoice identifier='D' matchMax='1'>d</simpleAssociableChoice></simpleMatchSet><simpleMatchSet><simpleAssociableChoice identifier='M' matchMax='4'>m</simpleAssociableChoice><simpleAssociableChoice identifier='R' matchMax='4'>r</simpleAssociableChoice></simpleMatchSet></matchInteraction>";
    let mapping = "<mapping defaultValue='0'><mapEntry mapKey='C R' mappedValue='1'/><mapEntry mapKey='D M' mappedValue='0.5'/></mapping>";
    let question = one(&item(
        &declare("multiple", "directedPair", &["C R", "D M"], mapping),
        pairs,
        &template(MAP),
    ));
    assert_eq!(question.points, 1.5);
    let Kind::Matching(read) = question.kind else {
        panic!()
    };
    assert_eq!(
        (read.items[1].target.as_str(), read.items[1].weight),
        ("M", 0.5)
    );

    let gaps = "<gapMatchInteraction responseIdentifier='RESPONSE'><gapText identifier='W' matchMax='1'>winter</gapText><gapText identifier='S' matchMax='1'>summer</gapText><p>the <gap identifier='G1'/> and <gap identifier='G2'/></p></gapMatchInteraction>";
    let question = one(&item(
        &declare("multiple", "directedPair", &["W G1", "S G2"], ""),
        gaps,
        &template(MATCH),
    ));
    assert_eq!(question.text.source, "<p>the [[G1]] and [[G2]]</p>");
    let Kind::Blanks(blanks) = question.kind else {
        panic!()
    };
    assert_eq!(
        (blanks.blanks.len(), blanks.scheme),
        (2, PartScheme::AllOrNothing)
    );
}

#[test]
fn rules_of_its_own_are_understood_or_told() {
    let rule = |value: &str| {
        format!(
            "<responseProcessing><responseCondition><responseIf><match><variable identifier='RESPONSE'/><correct identifier='RESPONSE'/></match><setOutcomeValue identifier='SCORE'><baseValue baseType='float'>{value}</baseValue></setOutcomeValue></responseIf></responseCondition></responseProcessing>"
        )
    };
    let declared = declare("single", "identifier", &["A"], "");
    assert_eq!(one(&item(&declared, CHOICE, &rule("3"))).points, 3.0);
    let strange = "<responseProcessing><responseCondition><responseIf><gt><variable identifier='RESPONSE'/><correct identifier='RESPONSE'/></gt></responseIf></responseCondition></responseProcessing>";
    let imported = read(&item(&declared, CHOICE, strange), "i").unwrap();
    assert!(
        imported.losses[0]
            .what
            .contains("its own response processing"),
        "{:?}",
        imported.losses
    );
}

#[test]
fn what_cannot_be_held_is_left_out_by_name_and_what_is_no_item_refused() {
    let hotspot = item(
        &declare("single", "identifier", &["A"], ""),
        "<hotspotInteraction responseIdentifier='RESPONSE'/>",
        &template(MATCH),
    );
    assert_eq!(
        left_out(&hotspot),
        "question `i-1`: left out: `hotspotInteraction` has no counterpart"
    );
    assert!(left_out(&item("", CHOICE, "")).contains("`RESPONSE` is not declared"));
    assert!(matches!(read("<a/>", "i"), Err(Error::Invalid { .. })));
    assert!(matches!(
        read("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "i"),
        Err(Error::Dtd { .. })
    ));
}

#[test]
fn case_counts_for_some_texts_only() {
    let mapping = "<mapping><mapEntry mapKey='York' mappedValue='1' caseSensitive='true'/><mapEntry mapKey='york (x)' mappedValue='0.5' caseSensitive='false'/></mapping>";
    let body = "<p>Now <textEntryInteraction responseIdentifier='RESPONSE'/>.</p>";
    let question = one(&item(
        &declare("single", "string", &["York"], mapping),
        body,
        &template("https://www.imsglobal.org/question/qti_v3p0/rptemplates/CC2_map_response.xml"),
    ));
    let scorer = carrel_quiz::Scorer::new(&question, &carrel_quiz::Instance::default()).unwrap();
    let points = |text: &str| {
        let typed = carrel_quiz::answer::BlankAnswer::Typed(text.to_owned());
        let blanks = [("RESPONSE".to_owned(), typed)].into();
        let score = scorer.score(Some(&carrel_quiz::Answer::Blanks { blanks }));
        score.unwrap().points
    };
    let given = ["York", "york", "York (X)", "york (x"].map(points);
    assert_eq!(given, [1.0, 0.0, 0.5, 0.0]);
}

/// An item with something of everything that is read.
const WHOLE: &str = "<assessmentItem identifier='w' title='T'><responseDeclaration identifier='RESPONSE' cardinality='multiple' baseType='directedPair'><correctResponse><value>W G1</value></correctResponse><mapping lowerBound='0' upperBound='1' defaultValue='-1'><mapEntry mapKey='W G1' mappedValue='1'/></mapping></responseDeclaration><responseDeclaration identifier='N' cardinality='single' baseType='float'><correctResponse><value>3.14</value></correctResponse></responseDeclaration><outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float' normalMaximum='2'><defaultValue><value>0</value></defaultValue></outcomeDeclaration><templateDeclaration identifier='V' cardinality='single' baseType='integer'/><templateProcessing><setTemplateValue identifier='V'><randomInteger min='1' max='5'/></setTemplateValue></templateProcessing><itemBody><p>x <printedVariable identifier='V'/></p><gapMatchInteraction responseIdentifier='RESPONSE'><gapText identifier='W' matchMax='1'>w</gapText><gapText identifier='S' matchMax='1'>s</gapText><p><gap identifier='G1'/></p></gapMatchInteraction><textEntryInteraction responseIdentifier='N'/><feedbackBlock outcomeIdentifier='F' identifier='A' showHide='show'>f</feedbackBlock></itemBody><responseProcessing><responseCondition><responseIf><and><equal toleranceMode='relative' tolerance='1 2'><variable identifier='N'/><correct identifier='N'/></equal><gte><mapResponse identifier='RESPONSE'/><baseValue baseType='float'>1</baseValue></gte></and><setOutcomeValue identifier='SCORE'><sum><variable identifier='SCORE'/><baseValue baseType='float'>2</baseValue></sum></setOutcomeValue></responseIf></responseCondition></responseProcessing></assessmentItem>";

proptest::proptest! {
    #[test]
    fn fuzz_items_are_read_or_refused(bytes in carrel_fuzz::damaged(
        vec![
            WHOLE.as_bytes().to_vec(),
            item(&declare("single", "string", &["x"], ""), "<p>a <textEntryInteraction responseIdentifier='RESPONSE'/></p>", "<responseProcessing><responseCondition><responseIf><patternMatch pattern='[a-z-[x]]+'><variable identifier='RESPONSE'/></patternMatch><setOutcomeValue identifier='SCORE'><baseValue baseType='float'>1</baseValue></setOutcomeValue></responseIf></responseCondition></responseProcessing>").into_bytes(),
            item(&declare("ordered", "identifier", &["A", "B"], ""), "<orderInteraction responseIdentifier='RESPONSE'><simpleChoice identifier='B'>b</simpleChoice><simpleChoice identifier='A'>a</simpleChoice></orderInteraction>", &template(MATCH)).into_bytes(),
        ],
        &["<sum>", "</and>", "identifier='RESPONSE'", "cardinality='multiple'", "tolerance='-1'", "figures='99'", "1e308", "NaN", "]]>", "{{", "matchMax='0'"],
    )) {
        let _ = read(&String::from_utf8_lossy(&bytes), "i.xml");
    }
}
