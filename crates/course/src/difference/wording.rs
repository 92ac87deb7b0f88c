//! The changes in words: the same for command line, pages and API.

use std::fmt;

use super::{Change, Difference, Effect, PartChange, PoolChange, SubjectDifference, SubjectKind};

impl SubjectKind {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Unit => "unit",
            Self::Lesson => "lesson",
            Self::Quiz => "quiz",
            Self::Challenge => "challenge",
            Self::Project => "project",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for subject in &self.subjects {
            writeln!(formatter, "{subject}")?;
        }
        Ok(())
    }
}

impl fmt::Display for SubjectDifference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} `{}`", self.kind.name(), self.id)?;
        if !self.title.is_empty() && self.title != self.id {
            write!(formatter, " ({})", self.title)?;
        }
        for change in &self.changes {
            write!(formatter, "\n  {change}")?;
            if change.affects_results() {
                formatter.write_str(" [results]")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => formatter.write_str("is new"),
            Self::Removed => formatter.write_str("is gone"),
            Self::Moved {
                from: Some(from),
                to: Some(to),
            } if from != to => write!(formatter, "moves from unit `{from}` to `{to}`"),
            Self::Moved { .. } => formatter.write_str("moves to another place"),
            Self::Text { what } => write!(formatter, "{what}: other text"),
            Self::Value {
                what,
                before,
                after,
                ..
            } => match (before, after) {
                (None, None) => write!(formatter, "{what}: changed"),
                (None, Some(after)) => write!(formatter, "{what}: now {after}"),
                (Some(before), None) => write!(formatter, "{what}: no more (was {before})"),
                (Some(before), Some(after)) => write!(formatter, "{what}: {before} → {after}"),
            },
            Self::Files { what, paths, .. } => {
                write!(formatter, "{what}: {}", paths.join(", "))
            }
            Self::Reused {
                question,
                before,
                after,
            } => {
                if let Some(question) = question {
                    write!(formatter, "question `{question}`: ")?;
                }
                write!(formatter, "the id named {before}, and names {after}")
            }
            Self::Question(part) => write!(formatter, "question {part}"),
            Self::Check(part) => write!(formatter, "check {part}"),
        }
    }
}

impl fmt::Display for PoolChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (before, Some(after)) => {
                write!(formatter, "drawn from pool `{after}`")?;
                match before {
                    Some(before) => write!(formatter, ", no more from `{before}`"),
                    None => formatter.write_str(", no more always asked"),
                }
            }
            (Some(before), None) => {
                write!(
                    formatter,
                    "always asked, no more drawn from pool `{before}`"
                )
            }
            (None, None) => formatter.write_str("always asked"),
        }
    }
}

impl fmt::Display for PartChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`", self.id)?;
        if !self.title.is_empty() && self.title != self.id {
            write!(formatter, " ({})", self.title)?;
        }
        match self.effect {
            Effect::Added => return formatter.write_str(" is new"),
            Effect::Removed => return formatter.write_str(" is gone"),
            Effect::Changed => {}
        }
        let mut parts = Vec::new();
        let told = [
            (self.key, "what is right"),
            (self.text, "text"),
            (self.feedback, "feedback"),
            (self.rules, "rules"),
            (self.cost, "what tries and hints cost"),
            (self.moved, "its place"),
        ];
        parts.extend(
            told.iter()
                .filter(|(is, _)| *is)
                .map(|(_, what)| (*what).to_owned()),
        );
        parts.extend(self.pool.as_ref().map(ToString::to_string));
        if let Some(points) = self.points {
            parts.push(format!("points {} → {}", points.before, points.after));
        }
        write!(formatter, ": {}", parts.join(", "))
    }
}
