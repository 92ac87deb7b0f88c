//! `carrel course stats`: figures of quizzes and challenges, asked from a service.

mod quiz;

use carrel_api::course::Course;
use carrel_model::quantity::{noun, number_of};
use carrel_quiz::statistics::QuizStatistics;
use carrel_quiz::statistics::challenge::{ChallengeStatistics, Spread};

use super::publish::ServiceArguments;
use crate::cli::Session;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::publication::client::{Client, percent};
use crate::terminal::Terminal;
use crate::terminal::quantity::{show_ms, show_points};
use crate::terminal::text::printable;

/// Arguments of `carrel course stats`.
#[derive(Debug, clap::Args)]
pub struct CourseStatsArguments {
    /// Id of the course.
    course: String,
    /// Address of the service, such as https://carrel.example.org.
    #[arg(long, value_name = "URL")]
    from: String,
    #[command(flatten)]
    service: ServiceArguments,
    /// Figures of this quiz, its questions and what was answered.
    #[arg(long, value_name = "ID", conflicts_with = "challenge")]
    quiz: Option<String>,
    /// Figures of this challenge and its checks.
    #[arg(long, value_name = "ID")]
    challenge: Option<String>,
    /// Which attempts at the quiz count.
    #[arg(long, value_name = "WHICH", requires = "quiz")]
    attempts: Option<Attempts>,
    /// Print a table for spreadsheets, of one quiz or challenge, with all figures of it.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print the figures as JSON, of one quiz or challenge.
    #[arg(long)]
    json: bool,
}

/// Which attempts of each learner count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Attempts {
    /// The best.
    Highest,
    /// The first.
    First,
    /// The last.
    Last,
    /// All.
    All,
}

impl Attempts {
    fn name(self) -> &'static str {
        match self {
            Self::Highest => "highest",
            Self::First => "first",
            Self::Last => "last",
            Self::All => "all",
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseStatsArguments, session: &mut Session) -> Outcome {
    let client = arguments.service.client(&arguments.from)?;
    let terminal = &mut session.terminal;
    let course = &arguments.course;
    match (&arguments.quiz, &arguments.challenge) {
        (Some(quiz), _) => {
            let mut path = path_of(course, "quizzes", quiz);
            if let Some(attempts) = arguments.attempts {
                path.push_str(&format!("?attempts={}", attempts.name()));
            }
            if !print_as_is::<QuizStatistics>(arguments, (&client, &path), terminal)? {
                quiz::tell(terminal, &client.get(&path)?)?;
            }
        }
        (None, Some(challenge)) => {
            let path = path_of(course, "challenges", challenge);
            if !print_as_is::<ChallengeStatistics>(arguments, (&client, &path), terminal)? {
                tell_challenge(terminal, &client.get(&path)?)?;
            }
        }
        (None, None) if arguments.csv || arguments.json => {
            return Err(Failure::usage("whose figures? name --quiz or --challenge"));
        }
        (None, None) => tell_all(terminal, &client, course)?,
    }
    Ok(exit_code::OK)
}

fn path_of(course: &str, group: &str, id: &str) -> String {
    let (course, id) = (percent(course), percent(id));
    format!("/courses/{course}/{group}/{id}/statistics")
}

/// Prints the table or the document as the service gives it; `false`: neither was asked for.
fn print_as_is<T: serde::de::DeserializeOwned + serde::Serialize>(
    arguments: &CourseStatsArguments,
    (client, path): (&Client, &str),
    terminal: &mut Terminal,
) -> Result<bool, Failure> {
    if arguments.csv {
        let table = client.get_table(path)?;
        // Its lines end as RFC 4180 wants; the last end is the line's own.
        terminal.line(format_args!("{}", table.trim_end_matches("\r\n")))?;
    } else if arguments.json {
        terminal.json(&client.get::<T>(path)?)?;
    }
    Ok(arguments.csv || arguments.json)
}

/// Every quiz and challenge of a course, a line each.
fn tell_all(terminal: &mut Terminal, client: &Client, id: &str) -> Result<(), Failure> {
    let course: Course = client.get(&format!("/courses/{}", percent(id)))?;
    terminal.line(format_args!("{}", printable(&course.summary.title)))?;
    for activity in course.units.iter().flat_map(|unit| &unit.activities) {
        let own = printable(&activity.id);
        let told = match activity.kind {
            carrel_api::progress::ActivityKind::Quiz => {
                let figures: QuizStatistics = client.get(&path_of(id, "quizzes", &activity.id))?;
                format!("quiz {own}: {}", quiz_line(&figures))
            }
            carrel_api::progress::ActivityKind::Challenge => {
                let path = path_of(id, "challenges", &activity.id);
                let figures: ChallengeStatistics = client.get(&path)?;
                format!("challenge {own}: {}", challenge_line(&figures))
            }
            _ => continue,
        };
        terminal.line(format_args!("  {told}"))?;
    }
    Ok(())
}

fn tell_challenge(terminal: &mut Terminal, figures: &ChallengeStatistics) -> Result<(), Failure> {
    terminal.line(format_args!("{}", challenge_line(figures)))?;
    let spread = |spread: &Spread, show: fn(f64) -> String| {
        let show = |value: Option<f64>| shown(value.map(show));
        format!(
            "median {}, mean {}, from {} to {}",
            show(spread.median),
            show(spread.mean),
            show(spread.min),
            show(spread.max)
        )
    };
    if figures.passed > 0 {
        let attempts = spread(&figures.attempts_to_pass, show_points);
        terminal.line(format_args!("  submissions to pass: {attempts}"))?;
        let time = spread(&figures.time_to_pass_ms, show_duration);
        terminal.line(format_args!("  time to pass: {time}"))?;
    }
    if figures.failing_checks.is_empty() {
        return Ok(());
    }
    let head = ["failing check", "submissions", "share", "learners", "stuck"];
    let mut rows = vec![head.map(str::to_owned)];
    for one in &figures.failing_checks {
        rows.push([
            printable(&one.check),
            one.submissions.to_string(),
            show_per_cent(one.share * 100.0),
            one.learners.to_string(),
            one.stuck.to_string(),
        ]);
    }
    tell_table(terminal, &rows)
}

fn quiz_line(figures: &QuizStatistics) -> String {
    let count = figures
        .counts
        .iter()
        .find(|count| count.selection == figures.selection);
    match (count, figures.mean) {
        (Some(count), Some(mean)) => format!(
            "{}, mean {} of {} {}",
            number_of(count.attempts, "attempt", "attempts"),
            show_points(mean),
            show_points(figures.points_max),
            noun(figures.points_max, "point", "points")
        ),
        _ => "nobody has taken it yet".to_owned(),
    }
}

fn challenge_line(figures: &ChallengeStatistics) -> String {
    if figures.submissions == 0 {
        return "nobody has tried it yet".to_owned();
    }
    format!(
        "{} of {} who tried have passed, {}",
        figures.passed,
        figures.learners,
        number_of(figures.submissions, "submission", "submissions")
    )
}

fn shown(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".to_owned())
}

fn show_per_cent(value: f64) -> String {
    // No negative zero.
    format!("{:.0} %", value.round() + 0.0)
}

/// Minutes and more than those are what people take for a challenge.
fn show_duration(ms: f64) -> String {
    let minutes = ms / 60_000.0;
    match minutes {
        ..1.0 => show_ms(ms),
        ..120.0 => format!("{minutes:.0} min"),
        ..2_880.0 => format!("{:.1} h", minutes / 60.0),
        _ => format!("{:.1} days", minutes / 1_440.0),
    }
}

/// Columns as wide as they must be; numbers stand at the right.
fn tell_table<const N: usize>(
    terminal: &mut Terminal,
    rows: &[[String; N]],
) -> Result<(), Failure> {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let width = widths[column];
            if column == 0 {
                line.push_str(&format!("  {text:<width$}"));
            } else {
                line.push_str(&format!("  {text:>width$}"));
            }
        }
        terminal.line(format_args!("{}", line.trim_end()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use carrel_quiz::statistics::challenge::JudgedSubmission;

    use super::*;
    use crate::terminal::tests::captured;

    #[test]
    fn figures_of_a_challenge_are_told_as_text() {
        let sent = |learner: &str, at_ms: i64, failing: &[&str]| JudgedSubmission {
            learner: learner.to_owned(),
            at_ms,
            passed: failing.is_empty(),
            failing: failing.iter().map(|check| (*check).to_owned()).collect(),
        };
        let judged = [
            sent("ann", 0, &["one", "two"]),
            sent("ann", 600_000, &[]),
            sent("bob", 0, &["two"]),
        ];
        let figures = ChallengeStatistics::new(&judged, &BTreeMap::new());
        let (mut terminal, out, _) = captured();
        tell_challenge(&mut terminal, &figures).unwrap();
        assert_eq!(
            out.text(),
            "1 of 2 who tried have passed, 3 submissions\n\
             \x20 submissions to pass: median 2, mean 2, from 2 to 2\n\
             \x20 time to pass: median 10 min, mean 10 min, from 10 min to 10 min\n\
             \x20 failing check  submissions  share  learners  stuck\n\
             \x20 two                      2   67 %         2      1\n\
             \x20 one                      1   33 %         1      0\n"
        );
        let none = ChallengeStatistics::new(&[], &BTreeMap::new());
        assert_eq!(challenge_line(&none), "nobody has tried it yet");
    }

    #[test]
    fn a_share_of_nothing_has_no_sign() {
        let shown = [-2e-14, -0.4, -1.5, 66.66].map(show_per_cent);
        assert_eq!(shown, ["0 %", "0 %", "-2 %", "67 %"]);
    }

    #[test]
    fn times_of_people_are_shown_in_their_units() {
        let shown = [500.0, 90_000.0, 5e6, 1e7, 3e8].map(show_duration);
        assert_eq!(shown, ["500 ms", "2 min", "83 min", "2.8 h", "3.5 days"]);
    }
}
