//! Two versions in, told changes out.

use std::path::Path;

use carrel_quiz::kind::{Choice, ChoiceOption, TextKey};
use carrel_quiz::question::Hint;
use carrel_quiz::quiz::{Item, Pool};
use carrel_quiz::{Kind, Question, Quiz, Text};

use super::*;
use crate::course::{
    Activity, ActivityKind, Availability, CourseQuiz, Lesson, Unit, Visibility, load,
};

fn activity(kind: ActivityKind, id: &str) -> Activity {
    Activity {
        kind,
        id: id.to_owned(),
        requires: Vec::new(),
        availability: Availability::default(),
        visibility: Visibility::default(),
        points: None,
        optional: false,
    }
}

fn lesson(id: &str) -> Lesson {
    Lesson {
        id: id.to_owned(),
        title: format!("About {id}"),
        path: format!("{id}.md"),
        summary: None,
        minutes: None,
        markdown: "Text.".to_owned(),
        first_line: 5,
    }
}

fn unit(id: &str, lessons: &[&str]) -> Unit {
    let activities = lessons.iter();
    Unit {
        id: id.to_owned(),
        title: id.to_owned(),
        description: None,
        requires: Vec::new(),
        availability: Availability::default(),
        visibility: Visibility::default(),
        activities: activities
            .map(|id| activity(ActivityKind::Lesson, id))
            .collect(),
    }
}

fn course(units: Vec<Unit>) -> Course {
    let lessons = units.iter().flat_map(|unit| &unit.activities);
    Course {
        directory: "course".into(),
        id: "c".to_owned(),
        title: "C".to_owned(),
        description: None,
        language: "en".to_owned(),
        licence: None,
        lessons: lessons.map(|activity| lesson(&activity.id)).collect(),
        units,
        quizzes: Vec::new(),
        challenges: Vec::new(),
        projects: Vec::new(),
    }
}

fn with_quiz(quiz: Quiz) -> Course {
    let mut course = course(vec![unit("one", &[])]);
    course.units[0].activities = vec![activity(ActivityKind::Quiz, &quiz.id)];
    course.quizzes = vec![CourseQuiz {
        path: "q.quiz.md".to_owned(),
        quiz,
    }];
    course
}

fn tell(before: &Course, after: &Course) -> String {
    between(&before.into(), &after.into()).to_string()
}

#[test]
fn the_same_course_changes_nothing() {
    let course = course(vec![unit("one", &["a", "b"])]);
    assert!(between(&(&course).into(), &(&course).into()).is_empty());
}

#[test]
fn activities_come_go_move_and_are_renamed() {
    let before = course(vec![
        unit("one", &["a", "b", "c", "gone"]),
        unit("two", &["d"]),
    ]);
    let mut after = course(vec![
        unit("one", &["b", "a", "new"]),
        unit("three", &[]),
        unit("two", &["c", "d"]),
    ]);
    after
        .lessons
        .iter_mut()
        .find(|lesson| lesson.id == "d")
        .unwrap()
        .title = "All of d".to_owned();
    after
        .lessons
        .iter_mut()
        .find(|lesson| lesson.id == "d")
        .unwrap()
        .markdown
        .push('!');
    let wanted = "\
lesson `b` (About b)
  moves to another place
lesson `new` (About new)
  is new
unit `three`
  is new
lesson `c` (About c)
  moves from unit `one` to `two`
lesson `d` (All of d)
  title: About d → All of d
  text: other text
lesson `gone` (About gone)
  is gone
";
    // Of two that changed places, either may be the one that moved.
    let told = tell(&before, &after).replace("`a` (About a)", "`b` (About b)");
    assert_eq!(told.matches("moves to another place").count(), 1, "{told}");
    let mut lines: Vec<&str> = told.lines().collect();
    let mut wanted: Vec<&str> = wanted.lines().collect();
    lines.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
}

#[test]
fn rules_of_units_and_activities_are_told() {
    let before = course(vec![unit("one", &["a"]), unit("two", &["b"])]);
    let mut after = before.clone();
    after.title = "Course".to_owned();
    after.units[1].requires = vec!["one".to_owned()];
    after.units[1].availability.due = Some("2026-10-05T08:00:00Z".parse().unwrap());
    after.units[1].activities[0].optional = true;
    after.units[1].visibility = Visibility::FromOpening;
    after.units[1].activities[0].visibility = Visibility::Hidden;
    let difference = between(&(&before).into(), &(&after).into());
    assert_eq!(
        difference.to_string(),
        "\
course `c` (Course)
  title: C → Course
unit `two`
  requires: now one
  due: now 2026-10-05T08:00:00Z [results]
  hidden: now until it opens
lesson `b` (About b)
  hidden: now always
  optional: false → true
"
    );
    assert_eq!(difference.affected().count(), 1);
}

fn choice(id: &str) -> Question {
    let options = vec![
        ChoiceOption::new("a", Text::markdown("yes"), true),
        ChoiceOption::new("b", Text::markdown("no"), false),
    ];
    Question::new(
        id,
        Text::markdown("Really?"),
        Kind::Choice(Choice::one(options)),
    )
}

fn quiz(questions: Vec<Question>) -> Quiz {
    Quiz {
        id: "q".to_owned(),
        title: "Q".to_owned(),
        items: questions.into_iter().map(Item::Question).collect(),
        ..Quiz::default()
    }
}

fn edit(question: &mut Question, edit: fn(&mut Vec<ChoiceOption>)) {
    if let Kind::Choice(choice) = &mut question.kind {
        edit(&mut choice.options);
    }
}

#[test]
fn of_a_question_key_text_feedback_rules_and_points_are_told_apart() {
    let change = |edit: fn(&mut Question)| {
        let before = choice("x");
        let mut after = before.clone();
        edit(&mut after);
        tell(
            &with_quiz(quiz(vec![before])),
            &with_quiz(quiz(vec![after])),
        )
    };
    let head = "quiz `q` (Q)\n  question `x`: ";
    let key = change(|question| edit(question, |options| options[1].correct = true));
    assert_eq!(key, format!("{head}what is right [results]\n"));
    let text = change(|question| edit(question, |options| options[1].text.source.push('!')));
    assert_eq!(text, format!("{head}text\n"));
    let feedback = change(|question| {
        edit(question, |options| {
            options[1].feedback = Some(Text::plain("No."))
        });
    });
    assert_eq!(feedback, format!("{head}feedback\n"));
    let rules = change(|question| question.tries = Some(2));
    assert_eq!(rules, format!("{head}rules\n"));
    let points = change(|question| question.points = 2.5);
    assert_eq!(points, format!("{head}points 1 → 2.5 [results]\n"));
    assert_eq!(change(|question| question.tags.push("t".to_owned())), "");
    let hinted = |cost: f64, after_tries: u32| {
        let mut question = choice("x");
        question.hints = vec![Hint {
            cost,
            after_tries,
            ..Hint::new(Text::plain("Think."))
        }];
        with_quiz(quiz(vec![question]))
    };
    assert_eq!(
        tell(&hinted(0.25, 0), &hinted(0.5, 0)),
        format!("{head}what tries and hints cost [results]\n")
    );
    assert_eq!(
        tell(&hinted(0.25, 0), &hinted(0.25, 1)),
        format!("{head}rules\n")
    );
    let penalty = change(|question| question.penalty = Some(0.5));
    assert_eq!(
        penalty,
        format!("{head}what tries and hints cost [results]\n")
    );
    let kind = change(|question| question.kind = Kind::ShortAnswer(TextKey::exact(["yes"])));
    assert!(kind.starts_with(&format!("{head}what is right")), "{kind}");
}

#[test]
fn questions_settings_and_pools_of_a_quiz_are_told() {
    let mut before = quiz(vec![choice("a"), choice("b")]);
    before.items.push(Item::Pool(Pool {
        id: "p".to_owned(),
        title: String::new(),
        draw: 1,
        points: None,
        questions: vec![choice("c"), choice("d")],
    }));
    let mut after = before.clone();
    after.items.remove(0);
    after.settings.time_limit_seconds = Some(600);
    after.settings.penalty = 0.5;
    if let Item::Pool(pool) = &mut after.items[1] {
        pool.draw = 2;
        pool.questions.push(choice("e"));
    }
    assert_eq!(
        tell(&with_quiz(before), &with_quiz(after)),
        "\
quiz `q` (Q)
  settings.penalty: 0.0 → 0.5 [results]
  settings.time_limit_seconds: now 600
  pool p: drawn: 1 → 2 [results]
  question `e` is new [results]
  question `a` is gone [results]
"
    );
}

#[test]
fn where_a_question_stands_and_whether_it_is_always_asked_is_told() {
    let before = quiz(vec![choice("a"), choice("b")]);
    let after = quiz(vec![choice("b"), choice("a")]);
    let told = tell(&with_quiz(before.clone()), &with_quiz(after));
    let told = told.replace("`b`", "`a`");
    assert_eq!(told, "quiz `q` (Q)\n  question `a`: its place\n");
    let pool = |id: &str| {
        Item::Pool(Pool {
            id: id.to_owned(),
            title: String::new(),
            draw: 1,
            points: None,
            questions: vec![choice("b"), choice("c")],
        })
    };
    let mut pooled = quiz(vec![choice("a")]);
    pooled.items.push(pool("p"));
    assert_eq!(
        tell(&with_quiz(before.clone()), &with_quiz(pooled.clone())),
        "\
quiz `q` (Q)
  pool p: drawn: now 1 [results]
  question `b`: drawn from pool `p`, no more always asked [results]
  question `c` is new [results]
"
    );
    let told = tell(&with_quiz(pooled.clone()), &with_quiz(before));
    assert!(
        told.contains("`b`: always asked, no more drawn from pool `p` [results]"),
        "{told}"
    );
    let mut other = pooled.clone();
    other.items[1] = pool("r");
    let told = tell(&with_quiz(pooled.clone()), &with_quiz(other));
    assert!(
        told.contains("`b`: drawn from pool `r`, no more from `p` [results]"),
        "{told}"
    );
    let mut turned = pooled.clone();
    turned.items.swap(0, 1);
    let told = tell(&with_quiz(pooled), &with_quiz(turned));
    assert!(told.contains("place"), "{told}");
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

const CHALLENGE: &str = "id = 'leap'\ntitle = 'Leap'\nlanguage = 'python'
[[checks]]
id = 'one'\nkind = 'io'\ninput = 'data/1.in'\nanswer = 'data/1.ans'\npoints = 1
";

fn write_challenge(root: &Path) {
    write(root, "challenge.toml", CHALLENGE);
    write(root, "instructions.md", "Do it.");
    write(root, "start/leap.py", "");
    write(root, "solution/leap.py", "print(1)");
    write(root, "data/1.in", "");
    write(root, "data/1.ans", "1\n");
}

#[test]
fn files_of_a_challenge_are_compared_by_content_wherever_they_lie() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let load_pair = || [one.path(), two.path()].map(|root| load(&root.join("c")).unwrap());
    let tell = |[before, after]: &[Course; 2]| {
        let before = Version::read(before).unwrap();
        between(&before, &Version::read(after).unwrap()).to_string()
    };
    write_challenge(&one.path().join("c"));
    write_challenge(&two.path().join("c"));
    assert_eq!(tell(&load_pair()), "");

    let root = two.path().join("c");
    write(&root, "solution/leap.py", "print(1)  # nobody sees this");
    assert_eq!(tell(&load_pair()), "", "learners see no solutions");

    write(&root, "data/1.ans", "2\n");
    write(&root, "start/leap.py", "# begin\n");
    write(&root, "start/more.py", "");
    write(&root, "instructions.md", "Do it well.");
    let text = CHALLENGE.replace("points = 1", "points = 2\nmessage = 'no'");
    let text = text.replace("[[checks]]", "[limits]\ncpu_ms = 1234\n[[checks]]");
    write(&root, "challenge.toml", &text);
    let pair = load_pair();
    let told = tell(&pair);
    for expected in [
        "  starter: leap.py, more.py\n",
        "  instructions: other text\n",
        "→ 1234 [results]\n",
        "  check `one`: what is right, feedback, points 1 → 2 [results]\n",
    ] {
        assert!(told.contains(expected), "{expected} not in:\n{told}");
    }
    let bare = between(&(&pair[0]).into(), &(&pair[1]).into()).to_string();
    assert!(
        !bare.contains("what is right"),
        "no contents were read: {bare}"
    );
}

#[test]
fn a_difference_is_the_same_after_json() {
    let before = with_quiz(quiz(vec![choice("a")]));
    let after = course(vec![unit("one", &["x"])]);
    let difference = between(&(&before).into(), &(&after).into());
    let json = serde_json::to_string(&difference).unwrap();
    assert_eq!(
        serde_json::from_str::<Difference>(&json).unwrap(),
        difference
    );
}
