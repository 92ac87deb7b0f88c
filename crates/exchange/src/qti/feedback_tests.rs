use carrel_quiz::{Item, Kind, Question, Text};

use crate::qti::read_item;

/// An item that asks for A of three options; `set` are its rules about feedback.
fn item(set: &str, inside: &str, after: &str) -> String {
    format!(
        "<assessmentItem identifier='i'><responseDeclaration identifier='RESPONSE' cardinality='single' baseType='identifier'><correctResponse><value>A</value></correctResponse></responseDeclaration><outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float'/><outcomeDeclaration identifier='FEEDBACK' cardinality='single' baseType='identifier'/><itemBody><choiceInteraction responseIdentifier='RESPONSE' maxChoices='1'><simpleChoice identifier='A'>a{inside}</simpleChoice><simpleChoice identifier='B'>b</simpleChoice><simpleChoice identifier='C'>c</simpleChoice></choiceInteraction>{after}</itemBody><responseProcessing><responseCondition><responseIf><match><variable identifier='RESPONSE'/><correct identifier='RESPONSE'/></match><setOutcomeValue identifier='SCORE'><baseValue baseType='float'>1</baseValue></setOutcomeValue></responseIf></responseCondition>{set}</responseProcessing>MODAL</assessmentItem>"
    )
}

fn read(set: &str, inside: &str, after: &str, modal: &str) -> (Question, Vec<String>) {
    let text = item(set, inside, after).replace("MODAL", modal);
    let imported = read_item(&text, "i.xml").unwrap();
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

fn told(text: &Option<Text>) -> &str {
    text.as_ref().map_or("", |text| text.source.as_str())
}

fn of_option<'q>(question: &'q Question, id: &str) -> (&'q str, &'q str) {
    let Kind::Choice(choice) = &question.kind else {
        panic!()
    };
    let option = choice
        .options
        .iter()
        .find(|option| option.id == id)
        .unwrap();
    (told(&option.feedback), told(&option.feedback_not_chosen))
}

const AS_CHOSEN: &str =
    "<setOutcomeValue identifier='FEEDBACK'><variable identifier='RESPONSE'/></setOutcomeValue>";

fn modal(identifier: &str, when: &str, text: &str) -> String {
    format!(
        "<modalFeedback outcomeIdentifier='FEEDBACK' identifier='{identifier}' showHide='{when}'>{text}</modalFeedback>"
    )
}

/// Sets the outcome to one word for right answers and another for wrong ones.
fn word(right: &str, wrong: &str) -> String {
    let set = |word: &str| {
        format!(
            "<setOutcomeValue identifier='FEEDBACK'><baseValue baseType='identifier'>{word}</baseValue></setOutcomeValue>"
        )
    };
    format!(
        "<responseCondition><responseIf><match><variable identifier='RESPONSE'/><correct identifier='RESPONSE'/></match>{}</responseIf><responseElse>{}</responseElse></responseCondition>",
        set(right),
        set(wrong)
    )
}

#[test]
fn who_gets_feedback_follows_from_the_rules_not_from_its_name() {
    let (question, losses) = read(
        &word("correct", "other"),
        "",
        "",
        &modal("correct", "hide", "sorry"),
    );
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(told(&question.feedback.correct), "");
    assert_eq!(told(&question.feedback.incorrect), "sorry");
    let (question, losses) = read(
        &word("fine", "not_correct"),
        "",
        "",
        &modal("not_correct", "show", "wrong"),
    );
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(told(&question.feedback.correct), "");
    assert_eq!(told(&question.feedback.incorrect), "wrong");
}

#[test]
fn several_texts_of_one_place_stay() {
    let both = modal("true", "show", "one") + &modal("true", "show", "two");
    let (question, losses) = read(&word("true", "false"), "", "", &both);
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(
        told(&question.feedback.correct),
        "<div>one</div><div>two</div>"
    );
}

#[test]
fn feedback_by_option_stands_with_its_option() {
    let both = modal("A", "show", "well") + &modal("B", "show", "not b");
    let (question, losses) = read(AS_CHOSEN, "", "", &both);
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(told(&question.feedback.correct), "well");
    assert_eq!(of_option(&question, "B"), ("not b", ""));
    let inside = "<feedbackInline outcomeIdentifier='FEEDBACK' identifier='A' showHide='hide'>a pity</feedbackInline>";
    let (question, losses) = read(AS_CHOSEN, inside, "", "");
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(of_option(&question, "A"), ("", "a pity"));
}

#[test]
fn blocks_in_the_text_are_feedback_too() {
    let blocks = "<feedbackBlock outcomeIdentifier='FEEDBACK' identifier='A' showHide='show'><p>because</p></feedbackBlock><p>End <feedbackInline outcomeIdentifier='FEEDBACK' identifier='B' showHide='show'>no</feedbackInline></p>";
    let (question, losses) = read(AS_CHOSEN, "", blocks, "");
    assert_eq!(losses, Vec::<String>::new());
    assert!(
        !question.text.source.contains("because"),
        "{}",
        question.text.source
    );
    assert_eq!(told(&question.feedback.correct), "<p>because</p>");
    assert_eq!(of_option(&question, "B"), ("no", ""));
}

#[test]
fn what_nobody_gets_is_told() {
    let (question, losses) = read("", "", "", &modal("correct", "show", "well"));
    assert!(question.feedback.is_empty());
    assert_eq!(
        losses,
        ["feedback `correct`: no answer that was tried gets it"]
    );
}
