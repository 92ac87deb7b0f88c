//! What `carrel course check` tells, while it judges and at its end.

use carrel_model::quantity::number_of;
use carrel_model::verdict::Verdict;

use super::report::{CourseReport, Judged, Traced};
use super::task::Done;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::terminal::progress::Counter;
use crate::terminal::quantity::show_ms;
use crate::terminal::text::printable;

/// Tells of the submissions as they are judged.
pub(super) struct Teller<'a> {
    terminal: &'a mut Terminal,
    counter: Counter,
    json: bool,
    every: bool,
}

impl<'a> Teller<'a> {
    /// With `every`, tells also of those that are as declared.
    pub(super) fn new(terminal: &'a mut Terminal, total: usize, json: bool, every: bool) -> Self {
        let live = terminal.display.live;
        Self {
            counter: Counter::start(live, total),
            terminal,
            json,
            // Without a moving bar, plain lines are the progress.
            every: every || !live,
        }
    }

    pub(super) fn done(&mut self, done: &Done) -> Result<(), Failure> {
        let (name, is_as_declared) = match done {
            Done::Judged(one) => (
                format!("{} {}", one.challenge, one.name),
                one.is_as_declared(),
            ),
            Done::Traced(one) => (
                format!("{} {}", one.quiz, one.question),
                one.is_as_declared(),
            ),
        };
        self.counter.advance(&name);
        if self.json || (is_as_declared && !self.every) {
            return Ok(());
        }
        let lines = match done {
            Done::Judged(judged) => judged_lines(judged, self.terminal),
            Done::Traced(traced) => traced_lines(traced, self.terminal),
        };
        let terminal = &mut *self.terminal;
        self.counter.suspend(|| {
            lines
                .iter()
                .try_for_each(|line| terminal.line(format_args!("{line}")))
        })?;
        Ok(())
    }

    pub(super) fn finish(self, report: &CourseReport) -> Result<(), Failure> {
        self.counter.finish();
        if self.json {
            return Ok(self.terminal.json(report)?);
        }
        for line in summary_lines(report, self.terminal) {
            self.terminal.line(format_args!("{line}"))?;
        }
        Ok(())
    }
}

fn judged_lines(judged: &Judged, terminal: &Terminal) -> Vec<String> {
    let name = format!("{} {}", judged.challenge, judged.name);
    let outcome = judged.verdict.map_or("no verdict", Verdict::name);
    let reasons = (judged.deviations.as_slice(), judged.fault.as_deref());
    lines(&name, outcome, reasons, judged.duration_ms, terminal)
}

fn traced_lines(traced: &Traced, terminal: &Terminal) -> Vec<String> {
    let name = format!("{} {}", traced.quiz, traced.question);
    let outcome = match (&traced.fault, traced.deviations.is_empty()) {
        (Some(_), _) => "not run",
        (None, true) => "does what its answer says",
        (None, false) => "does something else than its answer says",
    };
    let reasons = (traced.deviations.as_slice(), traced.fault.as_deref());
    lines(&name, outcome, reasons, traced.duration_ms, terminal)
}

fn lines(
    name: &str,
    outcome: &str,
    (deviations, fault): (&[String], Option<&str>),
    duration_ms: f64,
    terminal: &Terminal,
) -> Vec<String> {
    let paint = terminal.paint;
    let mark = match (fault, deviations.is_empty()) {
        (Some(_), _) => paint.warn("FAULT"),
        (None, true) => paint.good("ok   "),
        (None, false) => paint.bad("DIFF "),
    };
    let time = paint.dim(show_ms(duration_ms));
    let mut lines = vec![format!("{mark} {}: {outcome}  {time}", printable(name))];
    for text in deviations.iter().map(String::as_str).chain(fault) {
        lines.extend(
            printable(text)
                .lines()
                .map(|line| format!("        {line}")),
        );
    }
    lines
}

fn summary_lines(report: &CourseReport, terminal: &Terminal) -> Vec<String> {
    let paint = terminal.paint;
    let judged = report.judged.iter().map(|judged| judged.duration_ms);
    let traced = report.traced.iter().map(|one| one.duration_ms);
    // The sum of nothing would be -0.
    let each = judged.chain(traced).fold(0.0, |sum, ms| sum + ms);
    let run = report.submissions + report.traced.len();
    let right = run - report.deviating - report.faults;
    let mut lines = Vec::new();
    for warning in &report.warnings {
        let mark = paint.warn("warning:");
        lines.push(format!("{mark} {}", printable(warning)));
    }
    lines.push(format!(
        "{}, {}, {}, {}, {}",
        number_of(report.lessons, "lesson", "lessons"),
        number_of(report.quizzes, "quiz", "quizzes"),
        number_of(report.questions, "question", "questions"),
        number_of(report.challenges, "challenge", "challenges"),
        number_of(report.projects, "project", "projects"),
    ));
    lines.push(format!(
        "{}, {} of tracing questions: {right} as declared, {} different, {} without an outcome; {} ({} of judging)",
        number_of(report.submissions, "submission", "submissions"),
        number_of(report.traced.len(), "program", "programs"),
        report.deviating,
        report.faults,
        show_ms(report.duration_ms),
        show_ms(each),
    ));
    lines.extend(speed_lines(&report.judged));
    lines.push(if report.as_declared {
        paint.good("the course is as declared")
    } else if report.deviating > 0 {
        paint.bad("the course is refused: see what differs above")
    } else {
        paint.warn("no verdict on the course: see what failed above")
    });
    lines
}

/// What took longest, and which challenges need another target.
fn speed_lines(judged: &[Judged]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut slowest: Vec<&Judged> = judged.iter().collect();
    slowest.sort_by(|a, b| b.duration_ms.total_cmp(&a.duration_ms));
    let tell = |judged: &&Judged| {
        let (challenge, name) = (&judged.challenge, &judged.name);
        format!("{challenge} {name} {}", show_ms(judged.duration_ms))
    };
    let told: Vec<String> = slowest.iter().take(3).map(tell).collect();
    if !told.is_empty() {
        lines.push(format!("slowest: {}", printable(&told.join(", "))));
    }
    let mut named: Vec<&str> = Vec::new();
    for judged in slowest.into_iter().filter(|judged| judged.is_slow()) {
        if named.contains(&judged.challenge.as_str()) {
            continue;
        }
        named.push(&judged.challenge);
        lines.push(format!(
            "near its target: {} takes {} of {} ms ({}); where that is its nature, give it a larger `target_ms`",
            printable(&judged.challenge),
            show_ms(judged.duration_ms),
            judged.target_ms,
            printable(&judged.name),
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::{course, judged, traced};
    use super::*;
    use crate::terminal::tests::captured;

    fn tell(done: Done) -> Vec<String> {
        let (terminal, _, _) = captured();
        match done {
            Done::Judged(judged) => judged_lines(&judged, &terminal),
            Done::Traced(traced) => traced_lines(&traced, &terminal),
        }
    }

    #[test]
    fn a_difference_is_told_with_its_reasons() {
        assert_eq!(
            tell(judged("leap", &["declared a, got b"], None)),
            [
                "DIFF  leap solution: accepted  12 ms",
                "        declared a, got b"
            ]
        );
        assert_eq!(
            tell(judged("leap", &[], Some(4))),
            ["FAULT leap solution: no verdict  12 ms", "        it broke"]
        );
        assert_eq!(
            tell(traced("quiz", &["it prints:\n9"], None)),
            [
                "DIFF  quiz what: does something else than its answer says  5.0 ms",
                "        it prints:",
                "        9"
            ]
        );
    }

    #[test]
    fn the_summary_counts_and_ends_with_the_decision() {
        let (terminal, _, _) = captured();
        let done = vec![
            judged("leap", &[], None),
            judged("leap", &["x"], None),
            traced("quiz", &[], None),
        ];
        let lines = summary_lines(&CourseReport::new(&course(), done, 20.0), &terminal);
        assert_eq!(
            lines[0],
            "0 lessons, 0 quizzes, 0 questions, 1 challenge, 0 projects"
        );
        assert!(
            lines[1].starts_with(
                "2 submissions, 1 program of tracing questions: 2 as declared, 1 different"
            ),
            "{}",
            lines[1]
        );
        assert!(lines[3].contains("refused"));
    }

    #[test]
    fn a_challenge_that_takes_most_of_its_target_is_told_once() {
        let slow = |duration_ms, verdict| match judged("leap", &[], None) {
            Done::Judged(judged) => Judged {
                duration_ms,
                verdict: Some(verdict),
                ..judged
            },
            Done::Traced(_) => panic!("not judged"),
        };
        let limit = slow(9_000.0, Verdict::TimeLimit);
        let near = slow(1_300.0, Verdict::Accepted);
        let (quick, nearer) = (
            slow(1_100.0, Verdict::Accepted),
            slow(1_900.0, Verdict::WrongAnswer),
        );
        assert_eq!(speed_lines(&[limit.clone(), quick]).len(), 1);
        let lines = speed_lines(&[limit, near, nearer]);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[1].starts_with("near its target: leap takes 1.9 s of 2000 ms (solution)"),
            "{}",
            lines[1]
        );
    }
}
