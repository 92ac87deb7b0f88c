//! Validators of the author's.

use carrel_judge::Error;
use carrel_model::Verdict;

use crate::world::World;

const SCORING: &str = r#"
import sys
given, answer, feedback = sys.argv[1:4]
assert sys.argv[4] == "extra"
assert open(answer).read() == "answer\n"
value = int(sys.stdin.read())
wanted = int(open(given).read())
open(feedback + "judgemessage.txt", "w").write("secret %d" % wanted)
if value < wanted:
    open(feedback + "teammessage.txt", "w").write("too small")
    sys.exit(43)
open(feedback + "score.txt", "w").write("2.5\n")
sys.exit(42)
"#;

pub(crate) fn messages_and_scores_arrive() {
    let mut world = World::new("python", "a.py");
    let mut validator = world.validator(SCORING, "7\n");
    validator.scoring = true;
    world.validated(validator);
    let accepted = world.judge("a.py", "print(9)");
    assert_eq!(accepted.verdict, Verdict::Accepted, "{accepted:#?}");
    assert!((accepted.points - 2.5).abs() < 1e-9);
    let rejected = world.judge("a.py", "print(3)");
    assert_eq!(rejected.verdict, Verdict::WrongAnswer, "{rejected:#?}");
    assert_eq!(rejected.tests[0].message.as_deref(), Some("too small"));
    assert_eq!(rejected.tests[0].author_note.as_deref(), Some("secret 7"));
    let crashed = world.judge("a.py", "print(9)\nraise SystemExit(1)");
    assert_eq!(crashed.verdict, Verdict::RuntimeError);
    assert!(crashed.runs.iter().all(|run| run.purpose != "validator"));
}

pub(crate) fn a_score_may_be_a_part_of_the_points() {
    let judged = |part: &str| {
        let source = format!(
            "import sys\nopen(sys.argv[3] + 'score_multiplier.txt', 'w').write('{part}')\nsys.exit(42)"
        );
        let mut world = World::new("python", "a.py");
        let mut validator = world.validator(&source, "");
        validator.scoring = true;
        world.validated(validator);
        world.challenge.checks[0].points = 8.0;
        world.try_judge("a.py", "print(1)")
    };
    let half = judged("0.5").expect("a verdict");
    assert!((half.points - 4.0).abs() < 1e-9, "{half:#?}");
    let error = judged("1.5").expect_err("more than the whole");
    assert!(error.to_string().contains("from 0 to 1"), "{error}");
}

pub(crate) fn its_own_failure_is_the_authors() {
    for source in [
        "import sys\nsys.exit(1)",
        "raise ValueError('oh')",
        "import sys\nsys.exit(0)",
        "import os\nos.kill(os.getpid(), 9)",
        "import os, sys\nos.symlink('/etc/passwd', sys.argv[3] + 'teammessage.txt')\nsys.exit(42)",
        "import sys\nopen(sys.argv[3] + 'score.txt', 'w').write('1')\nsys.exit(42)",
    ] {
        let mut world = World::new("python", "a.py");
        let validator = world.validator(source, "");
        world.validated(validator);
        let error = world.try_judge("a.py", "print(1)").expect_err(source);
        assert!(
            matches!(&error, Error::Challenge { problem, .. } if problem.contains("validator")),
            "{error:?}"
        );
    }
}

const TWO_PASSES: &str = r#"
import os, sys
feedback = sys.argv[3]
log = feedback + "log.txt"
passes = len(open(log).read()) if os.path.exists(log) else 0
assert not os.path.exists(feedback + "nextpass.in")
if sys.stdin.read().strip() != open(sys.argv[1]).read().strip()[::-1]:
    sys.exit(43)
if passes == 0:
    open(log, "w").write("x")
    open(feedback + "nextpass.in", "w").write("xyz\n")
sys.exit(42)
"#;

pub(crate) fn passes_follow_each_other() {
    let mut world = World::new("python", "a.py");
    let mut validator = world.validator(TWO_PASSES, "abc\n");
    validator.passes_max = 2;
    world.validated(validator.clone());
    let right = world.judge("a.py", "print(input()[::-1])");
    assert_eq!(right.verdict, Verdict::Accepted, "{right:#?}");
    assert_eq!(right.runs.len(), 4);
    let once = world.judge("a.py", "print('cba')");
    assert_eq!(once.verdict, Verdict::WrongAnswer, "{once:#?}");
    let mut short = World::new("python", "a.py");
    validator.passes_max = 1;
    short.validated(validator);
    let error = short
        .try_judge("a.py", "print(input()[::-1])")
        .expect_err("one pass only");
    assert!(error.to_string().contains("more than 1 pass "), "{error}");
}
