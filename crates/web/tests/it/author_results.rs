//! Results of quizzes and challenges: for authors only, with what the figures mean.

use carrel_model::Verdict;

use crate::operator_pages::open;
use crate::school::{QUESTIONS, SETTINGS, choice, sit, start, word};

const PAGE: &str = "/courses/demo/author/results";

#[test]
fn figures_of_a_quiz_are_shown_question_by_question() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ada = world.author("ada");
    for (name, option) in [("ann", "o1"), ("bob", "o2")] {
        let who = world.learner(name);
        let sitting = sit(&world, &who);
        sitting.save("last", &choice(option)).ok();
        sitting.save("word", &word("=cmd()")).ok();
        sitting.act("submit").ok();
    }
    let list = open(&world, &ada, PAGE).text;
    assert!(list.contains(&format!("{PAGE}/quizzes/loops")), "{list}");
    assert!(
        list.contains(&format!("{PAGE}/challenges/double")),
        "{list}"
    );
    let page = open(&world, &ada, &format!("{PAGE}/quizzes/loops"));
    assert_eq!(page.status, 200, "{page:?}");
    for part in [
        "2 attempts.",
        "Last number",
        "<dt>Facility</dt><dd class=\"numbers\">50 %</dd>",
        "What the figures mean",
        "=cmd()",
    ] {
        assert!(page.text.contains(part), "{part} not in:\n{}", page.text);
    }
    let table = open(
        &world,
        &ada,
        &format!("{PAGE}/quizzes/loops/table?attempts=first"),
    );
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    for part in [
        "\r\nposition,last,first,,,,,2,,,1,",
        "\r\nanswer,last,first,,a,4,yes,1,0.5,1,",
        "\r\nanswer,word,first,,'=cmd(),,,2,1,0,",
    ] {
        assert!(table.text.contains(part), "{part} not in:\n{}", table.text);
    }
    let ann = world.learner("eve");
    let grades = open(&world, &ada, &format!("{PAGE}/grades"));
    assert_eq!(grades.headers["content-type"], "text/csv; charset=utf-8");
    assert!(grades.text.contains("ann"), "{}", grades.text);
    for rest in [
        "",
        "/grades",
        "/quizzes/loops",
        "/quizzes/loops/table",
        "/challenges/double",
    ] {
        let refused = open(&world, &ann, &format!("{PAGE}{rest}"));
        assert_eq!(refused.status, 403, "{rest}: {refused:?}");
    }
}

#[test]
fn figures_of_a_challenge_are_shown_check_by_check() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    let nobody = open(&world, &ada, &format!("{PAGE}/challenges/double"));
    assert!(nobody.text.contains("Nobody has submitted anything yet"));
    world.beat(2);
    for (who, verdict) in [
        (&ann, Verdict::WrongAnswer),
        (&ann, Verdict::Accepted),
        (&bob, Verdict::WrongAnswer),
    ] {
        world.submit(who);
        world.judge(verdict);
    }
    let page = open(&world, &ada, &format!("{PAGE}/challenges/double"));
    assert_eq!(page.status, 200, "{page:?}");
    for part in [
        "1 of 2 learners",
        "Checks that fail",
        "<th scope=\"row\">More</th>",
    ] {
        assert!(page.text.contains(part), "{part} not in:\n{}", page.text);
    }
    let table = open(&world, &ada, &format!("{PAGE}/challenges/double/table"));
    for part in [
        "\r\nchallenge,double,2,1,3,,,2,2,2,2,",
        "\r\nattempts,2,,1,",
        "\r\ncheck,hidden,2,,2,",
    ] {
        assert!(table.text.contains(part), "{part} not in:\n{}", table.text);
    }
}
