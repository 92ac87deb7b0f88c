//! What `carrel course check` tells, while it judges and at its end.

use carrel_model::verdict::Verdict;

use super::report::{CourseReport, Judged};
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

    pub(super) fn judged(&mut self, judged: &Judged) -> Result<(), Failure> {
        self.counter
            .advance(&format!("{} {}", judged.challenge, judged.name));
        if self.json || (judged.is_as_declared() && !self.every) {
            return Ok(());
        }
        let lines = judged_lines(judged, self.terminal);
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
    let paint = terminal.paint;
    let mark = match (&judged.fault, judged.deviations.is_empty()) {
        (Some(_), _) => paint.warn("FAULT"),
        (None, true) => paint.good("ok   "),
        (None, false) => paint.bad("DIFF "),
    };
    let verdict = judged.verdict.map_or("no verdict", Verdict::name);
    let time = paint.dim(show_ms(judged.duration_ms));
    let name = printable(&format!("{} {}", judged.challenge, judged.name));
    let mut lines = vec![format!("{mark} {name}: {verdict}  {time}")];
    for text in judged.deviations.iter().chain(&judged.fault) {
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
    let each: f64 = report.judged.iter().map(|judged| judged.duration_ms).sum();
    let right = report.submissions - report.deviating - report.faults;
    let mut lines = vec![format!(
        "{} challenges, {} submissions: {right} as declared, {} different, {} without a verdict; {} ({} of judging)",
        report.challenges,
        report.submissions,
        report.deviating,
        report.faults,
        show_ms(report.duration_ms),
        show_ms(each),
    )];
    let mut slowest: Vec<&Judged> = report.judged.iter().collect();
    slowest.sort_by(|a, b| b.duration_ms.total_cmp(&a.duration_ms));
    let slowest: Vec<String> = slowest
        .iter()
        .take(3)
        .map(|judged| {
            format!(
                "{} {} {}",
                judged.challenge,
                judged.name,
                show_ms(judged.duration_ms)
            )
        })
        .collect();
    lines.push(format!("slowest: {}", printable(&slowest.join(", "))));
    lines.push(if report.as_declared {
        paint.good("the course is as declared")
    } else if report.deviating > 0 {
        paint.bad("the course is refused: see what differs above")
    } else {
        paint.warn("no verdict on the course: see what failed above")
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::tests::captured;

    fn judged(deviations: &[&str], fault: Option<u8>) -> Judged {
        Judged {
            challenge: "leap".into(),
            name: "solution".into(),
            verdict: fault.is_none().then_some(Verdict::Accepted),
            deviations: deviations.iter().map(|text| (*text).to_owned()).collect(),
            fault: fault.map(|_| "it broke".to_owned()),
            fault_exit_code: fault,
            duration_ms: 12.0,
        }
    }

    fn report(judged: Vec<Judged>) -> CourseReport {
        CourseReport::new("c".into(), judged, 20.0)
    }

    #[test]
    fn a_difference_is_told_with_its_reasons() {
        let (terminal, _, _) = captured();
        let lines = judged_lines(&judged(&["declared a, got b"], None), &terminal);
        assert_eq!(
            lines,
            [
                "DIFF  leap solution: accepted  12 ms",
                "        declared a, got b"
            ]
        );
        let lines = judged_lines(&judged(&[], Some(4)), &terminal);
        assert_eq!(
            lines,
            ["FAULT leap solution: no verdict  12 ms", "        it broke"]
        );
    }

    #[test]
    fn the_summary_counts_and_ends_with_the_decision() {
        let (terminal, _, _) = captured();
        let lines = summary_lines(
            &report(vec![judged(&[], None), judged(&["x"], None)]),
            &terminal,
        );
        assert!(lines[0].starts_with("1 challenges, 2 submissions: 1 as declared, 1 different"));
        assert!(lines[2].contains("refused"));
    }
}
