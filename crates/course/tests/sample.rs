//! The sample course loads, and is as varied as it promises.

use std::collections::BTreeSet;
use std::path::Path;

use carrel_course::course;
use carrel_course::course::{ActivityKind, Course};
use carrel_course::markdown::Outline;
use carrel_model::{CheckKind, Verdict};
use carrel_quiz::kind::{Accept, BlankKey, ChoiceScheme, Kind, PatternKind, Tolerance};
use carrel_quiz::{Item, Question};

fn load() -> Course {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../courses/sample");
    course::load(&directory).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn lessons_show_what_lessons_can_do_and_lead_somewhere() {
    let course = load();
    let dangling = course::check_texts(&course);
    assert!(dangling.is_empty(), "{dangling}");
    let warnings = course::find_warnings(&course);
    assert!(warnings.is_empty(), "{warnings}");
    assert!(course.lessons.len() >= 6);
    for part in ["```python", "$$", "> [!NOTE]", "> [!WARNING]", "| --- |"] {
        let mut lessons = course.lessons.iter();
        assert!(
            lessons.any(|lesson| lesson.markdown.contains(part)),
            "{part}"
        );
    }
    let outlines = course
        .lessons
        .iter()
        .map(|lesson| Outline::read(&lesson.markdown));
    let references: Vec<_> = outlines.flat_map(|outline| outline.references).collect();
    assert!(references.iter().any(|reference| reference.is_image));
    assert!(references.iter().any(|reference| !reference.is_image));
    let kinds: BTreeSet<ActivityKind> = course.activities().map(|(_, one)| one.kind).collect();
    assert_eq!(kinds.len(), 4);
    assert!(course.units.iter().any(|unit| !unit.requires.is_empty()));
    assert!(course.activities().any(|(_, one)| !one.requires.is_empty()));
    assert!(course.activities().any(|(_, one)| one.optional));
}

/// What of the quizzes' features a question shows.
fn features(question: &Question) -> Vec<&'static str> {
    let mut features = vec![question.kind.name()];
    let patterns = |patterns: &[carrel_quiz::kind::TextPattern]| {
        let names = patterns.iter().map(|pattern| match pattern.kind {
            PatternKind::Exact => "exact",
            PatternKind::Wildcard => "wildcard",
            PatternKind::Regex => "regex",
        });
        names.collect::<Vec<_>>()
    };
    match &question.kind {
        Kind::Choice(choice) => features.push(match choice.scheme {
            ChoiceScheme::AllOrNothing => "all or nothing",
            ChoiceScheme::Weights { .. } => "weights",
            ChoiceScheme::RightMinusWrong => "right minus wrong",
            ChoiceScheme::EveryDecision => "every decision",
        }),
        Kind::Blanks(blanks) => {
            let in_code = question.text.source.contains("```");
            features.push(if in_code {
                "blanks in code"
            } else {
                "blanks in text"
            });
            features.extend(blanks.blanks.iter().map(|blank| match blank.key {
                BlankKey::Text(_) => "text blank",
                BlankKey::Number(_) => "number blank",
                BlankKey::Choice(_) => "choice blank",
            }));
        }
        Kind::ShortAnswer(key) => features.extend(patterns(&key.patterns)),
        Kind::Numeric(key) => {
            for answer in &key.answers {
                if let Accept::Near { tolerance, .. } = &answer.accept {
                    features.push(match tolerance {
                        Tolerance::SignificantDigits { .. } => "significant digits",
                        Tolerance::Exact => "exact number",
                        _ => "tolerance",
                    });
                }
            }
            features.extend(key.fractions.then_some("fractions"));
            features.extend(key.units.as_ref().map(|_| "units"));
        }
        Kind::Ordering(ordering) => features.push(match ordering.scheme {
            carrel_quiz::kind::OrderScheme::Positions => "positions",
            carrel_quiz::kind::OrderScheme::LongestCommonSubsequence => "subsequence",
            _ => "other order",
        }),
        _ => {}
    }
    let hints = &question.hints;
    features.extend(
        hints
            .iter()
            .any(|hint| hint.cost > 0.0)
            .then_some("hint with cost"),
    );
    features.extend(question.template.as_ref().map(|_| "variables"));
    features.extend((!question.feedback.is_empty()).then_some("feedback"));
    features
}

#[test]
fn quizzes_have_every_kind_of_question_and_every_feature() {
    let course = load();
    let questions = || course.quizzes.iter().flat_map(|quiz| quiz.quiz.questions());
    assert!(questions().count() >= 30);
    let found: BTreeSet<&str> = questions().flat_map(features).collect();
    for wanted in [
        "choice",
        "true_false",
        "blanks",
        "short_answer",
        "numeric",
        "matching",
        "ordering",
        "tracing",
        "bug_line",
        "essay",
        "description",
        "all or nothing",
        "weights",
        "right minus wrong",
        "every decision",
        "blanks in code",
        "blanks in text",
        "text blank",
        "number blank",
        "choice blank",
        "exact",
        "wildcard",
        "regex",
        "significant digits",
        "tolerance",
        "exact number",
        "fractions",
        "units",
        "positions",
        "subsequence",
        "hint with cost",
        "variables",
        "feedback",
    ] {
        assert!(found.contains(wanted), "{wanted} is not in {found:?}");
    }
    let quizzes = || course.quizzes.iter().map(|quiz| &quiz.quiz);
    assert!(quizzes().any(|quiz| quiz.settings.time_limit_seconds.is_some()));
    assert!(quizzes().any(|quiz| quiz.settings.review.during.is_empty()));
    let is_pool = |item: &Item| matches!(item, Item::Pool(_));
    assert!(quizzes().any(|quiz| quiz.items.iter().any(is_pool)));
}

#[test]
fn a_project_has_files_to_begin_with_and_stages() {
    let course = load();
    let project = &course.projects[0];
    assert!(!project.open.is_empty() && project.stages.len() >= 2);
    for stage in &project.stages {
        let paths: BTreeSet<&String> = stage.files.keys().collect();
        assert_eq!(paths, project.files.keys().collect(), "{}", stage.id);
    }
    let mut known = course.challenges.iter();
    assert!(known.any(|challenge| challenge.environment == project.environment));
}

#[test]
fn the_sample_course_loads() {
    let course = load();
    assert!(course.challenges.len() >= 14);

    let languages: BTreeSet<&str> = course
        .challenges
        .iter()
        .map(|challenge| challenge.language.as_str())
        .collect();
    assert!(languages.len() >= 7, "{languages:?}");

    let kinds: BTreeSet<&str> = course
        .challenges
        .iter()
        .flat_map(|challenge| &challenge.checks)
        .map(|check| match check.kind {
            CheckKind::Unit(_) => "unit",
            CheckKind::Io(_) => "io",
            CheckKind::Validator(_) => "validator",
            CheckKind::Interactive(_) => "interactive",
            CheckKind::Static(_) => "static",
        })
        .collect();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    assert!(
        course
            .challenges
            .iter()
            .any(|challenge| challenge.steps.len() >= 3)
    );

    for challenge in &course.challenges {
        let declared = |verdict| {
            challenge
                .submissions
                .iter()
                .any(|submission| submission.verdicts.contains(&verdict))
        };
        assert!(
            declared(Verdict::Accepted),
            "{}: a second right answer",
            challenge.id
        );
        assert!(
            declared(Verdict::WrongAnswer),
            "{}: a wrong answer",
            challenge.id
        );
        let instructions = challenge
            .steps
            .iter()
            .all(|step| step.instructions.is_some());
        assert!(instructions, "{}: instructions", challenge.id);
    }
    let verdicts: BTreeSet<Verdict> = course
        .challenges
        .iter()
        .flat_map(|challenge| &challenge.submissions)
        .flat_map(|submission| submission.verdicts.iter().copied())
        .collect();
    assert_eq!(verdicts, Verdict::DECLARABLE.into_iter().collect());
}
