//! What a run over example sets found, as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// Most reasons that the table lists of a kind; all are in the JSON.
const REASONS_SHOWN_MAX: usize = 12;
/// Characters of a message that the table shows.
const MESSAGE_CHARACTERS_MAX: usize = 220;

/// All sets.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) sets: Vec<Set>,
}

/// One set of files.
#[derive(Debug, Default, Serialize)]
pub(super) struct Set {
    pub(super) name: String,
    /// Files that were looked at.
    pub(super) files: usize,
    /// Files that are the same as another of the set, left aside.
    pub(super) alike: usize,
    pub(super) read: usize,
    /// Files of no format that is read.
    pub(super) unknown: Reasons,
    /// Files that break the rules of their format.
    pub(super) refused: Reasons,
    pub(super) questions: usize,
    pub(super) challenges: usize,
    /// Questions left out.
    pub(super) left_out: Reasons,
    pub(super) losses: Reasons,
    pub(super) points: Points,
    /// By the format that was written.
    pub(super) round_trips: BTreeMap<String, RoundTrips>,
    pub(super) panics: Vec<String>,
}

/// The points of items beside those of their questions.
#[derive(Debug, Default, Serialize)]
pub(super) struct Points {
    pub(super) carried: usize,
    pub(super) equal: usize,
    /// Answers that were compared of the equal ones.
    pub(super) answers: usize,
    pub(super) nothing_to_score: usize,
    pub(super) not_comparable: usize,
    /// Items of other points that the report told, with an answer.
    pub(super) told: Vec<String>,
    /// Items of other points that it did not tell.
    pub(super) silent: Vec<String>,
}

/// Questions that went out and came back.
#[derive(Debug, Default, Serialize)]
pub(super) struct RoundTrips {
    pub(super) written: usize,
    pub(super) left_out: usize,
    /// Written files that are refused when they are read back.
    pub(super) refused: Vec<String>,
    pub(super) back: usize,
    pub(super) equal: usize,
    pub(super) answers: usize,
    /// Questions whose answers cannot be given to both sides.
    pub(super) not_comparable: usize,
    /// Questions of other points that a report named.
    pub(super) told: usize,
    pub(super) silent: Vec<String>,
}

/// How often each reason was given, with a file that has it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reasons(BTreeMap<String, (usize, String)>);

impl Reasons {
    /// Counts a reason; what it quotes makes no difference, but for the names of interactions.
    pub(super) fn add(&mut self, reason: &str, file: &str) {
        let mut general = String::new();
        for (place, part) in reason.split('`').enumerate() {
            match place % 2 {
                1 if !part.ends_with("Interaction") => general.push('…'),
                _ => general.push_str(part),
            }
        }
        let general: String = general
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect();
        let (count, _) = self.0.entry(general).or_insert((0, file.to_owned()));
        *count += 1;
    }

    fn count(&self) -> usize {
        self.0.values().map(|(count, _)| count).sum()
    }
}

impl Set {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

impl Report {
    /// Panics, differences that nothing told, and written files that are refused.
    pub(super) fn silent(&self) -> usize {
        let of_set = |set: &Set| {
            let rounds = set.round_trips.values();
            let round: usize = rounds.map(|one| one.silent.len() + one.refused.len()).sum();
            set.panics.len() + set.points.silent.len() + round
        };
        self.sets.iter().map(of_set).sum()
    }
}

/// One list of reasons of a set.
type Of = fn(&Set) -> &Reasons;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Read\n")?;
        writeln!(
            f,
            "| Set | Files | Alike | Of no format | Refused | Read | Questions | Challenges | Left out | Losses | Panics |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for set in &self.sets {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                set.name,
                set.files,
                set.alike,
                set.unknown.count(),
                set.refused.count(),
                set.read,
                set.questions,
                set.challenges,
                set.left_out.count(),
                set.losses.count(),
                set.panics.len()
            )?;
        }
        self.points(f)?;
        self.round_trips(f)?;
        self.reasons(f)?;
        for set in &self.sets {
            for file in &set.panics {
                writeln!(f, "panic: {file}")?;
            }
            for what in &set.points.told {
                writeln!(f, "told: {}", shorten(what))?;
            }
            for what in &set.points.silent {
                writeln!(f, "SILENT: {}", shorten(what))?;
            }
            for (format, round) in &set.round_trips {
                for what in &round.refused {
                    writeln!(f, "{format}, refused when read back: {}", shorten(what))?;
                }
                for what in &round.silent {
                    writeln!(f, "SILENT, {format}: {}", shorten(what))?;
                }
            }
        }
        Ok(())
    }
}

impl Report {
    fn points(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Points of QTI items by their own rules\n")?;
        writeln!(
            f,
            "| Set | Carried | Nothing to score | Equal | Answers of these | Told | Not comparable | Silent |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
        for set in self.sets.iter().filter(|set| set.points.carried > 0) {
            let points = &set.points;
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                set.name,
                points.carried,
                points.nothing_to_score,
                points.equal,
                points.answers,
                points.told.len(),
                points.not_comparable,
                points.silent.len()
            )?;
        }
        Ok(())
    }

    fn round_trips(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n## Written and read back, questions\n")?;
        writeln!(
            f,
            "| Set, format | Written | Left out | Files refused back | Back | Equal | Answers of these | Told | Not comparable | Silent |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
        for set in &self.sets {
            for (format, round) in &set.round_trips {
                writeln!(
                    f,
                    "| {}, {format} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                    set.name,
                    round.written,
                    round.left_out,
                    round.refused.len(),
                    round.back,
                    round.equal,
                    round.answers,
                    round.told,
                    round.not_comparable,
                    round.silent.len()
                )?;
            }
        }
        Ok(())
    }

    fn reasons(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown: Of = |set| &set.unknown;
        for (title, of) in [
            ("Of no format", unknown),
            ("Refused", |set| &set.refused),
            ("Left out", |set| &set.left_out),
            ("Losses", |set| &set.losses),
        ] {
            let mut all: BTreeMap<&str, usize> = BTreeMap::new();
            for (reason, (count, _)) in self.sets.iter().flat_map(|set| &of(set).0) {
                *all.entry(reason).or_default() += count;
            }
            let mut all: Vec<(&str, usize)> = all.into_iter().collect();
            all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            writeln!(f, "\n## {title}\n")?;
            for (reason, count) in all.iter().take(REASONS_SHOWN_MAX) {
                writeln!(f, "{count:6}  {}", shorten(reason))?;
            }
            if all.len() > REASONS_SHOWN_MAX {
                let rest: usize = all[REASONS_SHOWN_MAX..].iter().map(|one| one.1).sum();
                writeln!(f, "{rest:6}  others")?;
            }
        }
        writeln!(f)
    }
}

/// A message on one line, cut.
fn shorten(text: &str) -> String {
    let line = text.replace('\n', " ");
    match line.char_indices().nth(MESSAGE_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
