//! Figures of several nodes as one text: every family once, its samples told apart by labels.
//!
//! A scraper refuses a text in which a family comes twice, or in two pieces.

use std::fmt::Write as _;

/// Families in the order in which they were first told.
#[derive(Debug, Default)]
pub struct Families(Vec<Family>);

#[derive(Debug)]
struct Family {
    name: String,
    /// `# HELP`, `# TYPE` and `# UNIT`, as the first node told them.
    head: Vec<String>,
    samples: Vec<String>,
}

impl Families {
    /// Adds what one node told, in OpenMetrics text, with labels that are its own.
    pub fn add(&mut self, text: &str, labels: &[(&str, &str)]) {
        let labels = write_labels(labels);
        let mut place = None;
        for line in text.lines() {
            if let Some(words) = line.strip_prefix("# ") {
                let mut words = words.splitn(3, ' ');
                if let (Some(kind), Some(name)) = (words.next(), words.next()) {
                    let at = self.place(name);
                    self.0[at].describe(kind, line);
                    place = Some(at);
                }
            } else if let Some(at) = place {
                self.0[at].samples.push(with_labels(line, &labels));
            }
        }
    }

    fn place(&mut self, name: &str) -> usize {
        let known = self.0.iter().position(|family| family.name == name);
        known.unwrap_or_else(|| {
            self.0.push(Family {
                name: name.to_owned(),
                head: Vec::new(),
                samples: Vec::new(),
            });
            self.0.len() - 1
        })
    }

    /// All of it, without the closing line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for family in &self.0 {
            for line in family.head.iter().chain(&family.samples) {
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    }
}

impl Family {
    /// Of each kind of line one.
    fn describe(&mut self, kind: &str, line: &str) {
        let start = format!("# {kind} ");
        if !self.head.iter().any(|told| told.starts_with(&start)) {
            self.head.push(line.to_owned());
        }
    }
}

/// Labels as they stand between the braces.
#[must_use]
pub fn write_labels(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        let escaped = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{name}=\"{escaped}\"");
    }
    text
}

fn with_labels(sample: &str, labels: &str) -> String {
    let end = sample.find(['{', ' ']).unwrap_or(sample.len());
    let (name, rest) = sample.split_at(end);
    match rest.strip_prefix('{') {
        Some(rest) if rest.starts_with('}') => format!("{name}{{{labels}{rest}"),
        Some(rest) => format!("{name}{{{labels},{rest}"),
        None => format!("{name}{{{labels}}}{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_comes_once_and_in_one_piece() {
        let mut families = Families::default();
        let told = "# HELP busy Busy.\n# TYPE busy gauge\nbusy 2\n# HELP runs Runs.\n\
            # TYPE runs counter\nruns_total{kind=\"a\"} 1\nruns_total{} 3\n# EOF\n";
        families.add(told, &[("node", "1"), ("host", "a\"b")]);
        families.add(told, &[("node", "2")]);
        assert_eq!(
            families.text(),
            "# HELP busy Busy.\n# TYPE busy gauge\n\
             busy{node=\"1\",host=\"a\\\"b\"} 2\nbusy{node=\"2\"} 2\n\
             # HELP runs Runs.\n# TYPE runs counter\n\
             runs_total{node=\"1\",host=\"a\\\"b\",kind=\"a\"} 1\n\
             runs_total{node=\"1\",host=\"a\\\"b\"} 3\n\
             runs_total{node=\"2\",kind=\"a\"} 1\nruns_total{node=\"2\"} 3\n"
        );
    }
}
