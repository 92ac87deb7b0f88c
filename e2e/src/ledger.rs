//! What was acknowledged, and whether it was kept: every acknowledged submission
//! is there, once, with one verdict, the right one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::client::Client;
use crate::work::Work;

/// Pause between two looks at what is not judged yet.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// What was acknowledged.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Submissions by their id.
    acknowledged: BTreeMap<String, Work>,
    /// Keys for which two different submissions were acknowledged.
    pub twice: Vec<String>,
    keys: BTreeMap<String, String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Acknowledged submissions.
    pub acknowledged: usize,
    /// Acknowledged, and not there or never judged.
    pub lost: Vec<String>,
    /// Kept twice for one key, or with more than one verdict.
    pub doubled: Vec<String>,
    /// With another verdict than is right.
    pub wrong: Vec<String>,
    /// Stopped by faults of ours until an operator looks.
    pub parked: Vec<String>,
}

impl Findings {
    /// Everything is as promised.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty()
            && self.doubled.is_empty()
            && self.wrong.is_empty()
            && self.parked.is_empty()
    }
}

impl Ledger {
    /// Notes an acknowledgement.
    pub fn note(&mut self, key: &str, id: &str, work: &Work) {
        if let Some(before) = self.keys.insert(key.to_owned(), id.to_owned())
            && before != id
        {
            self.twice.push(format!("{key}: {before} and {id}"));
        }
        self.acknowledged.insert(id.to_owned(), work.clone());
    }

    /// How many were acknowledged.
    #[must_use]
    pub fn len(&self) -> usize {
        self.acknowledged.len()
    }

    /// Nothing was acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.acknowledged.is_empty()
    }

    /// Waits until everything is judged, but only as long as something still
    /// changes within `patience`, and tells what is not as promised.
    ///
    /// # Errors
    /// The service cannot be asked.
    pub async fn settle(
        &self,
        client: &mut Client,
        patience: Duration,
    ) -> anyhow::Result<Findings> {
        let mut findings = Findings {
            acknowledged: self.acknowledged.len(),
            doubled: self.twice.clone(),
            ..Findings::default()
        };
        let mut open: BTreeSet<&String> = self.acknowledged.keys().collect();
        let mut changed = Instant::now();
        while !open.is_empty() {
            for id in open.clone() {
                let work = &self.acknowledged[id];
                if self.look(id, work, client, &mut findings).await? {
                    open.remove(id);
                    changed = Instant::now();
                }
            }
            if changed.elapsed() > patience {
                findings
                    .lost
                    .extend(open.iter().map(|id| format!("{id}: never judged")));
                break;
            }
            if !open.is_empty() {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
        }
        Ok(findings)
    }

    /// Looks at one; false: it is not judged yet.
    async fn look(
        &self,
        id: &str,
        work: &Work,
        client: &mut Client,
        findings: &mut Findings,
    ) -> anyhow::Result<bool> {
        let response = client
            .get(&format!("/api/v1/submissions/{id}"))
            .await
            .context("asking for a submission")?;
        let row = response.json();
        match response.status {
            200 => {}
            404 => {
                findings.lost.push(format!("{id}: not there"));
                return Ok(true);
            }
            429 => return Ok(false),
            status => bail!("status {status} for submission {id}: {}", response.text()),
        }
        match row["state"].as_str() {
            Some("finished") => {}
            Some("parked") => {
                findings.parked.push(format!("{id}: {row}"));
                return Ok(true);
            }
            Some("cancelled") => {
                findings.lost.push(format!("{id}: cancelled"));
                return Ok(true);
            }
            _ => return Ok(false),
        }
        let verdict = row["verdict"].as_str().unwrap_or("none");
        if !work.is_right(verdict) {
            findings.wrong.push(format!(
                "{id}: {} of {} got {verdict}",
                work.name, work.challenge
            ));
        }
        if row["verdicts"].as_u64().is_some_and(|count| count != 1) {
            findings
                .doubled
                .push(format!("{id}: {} verdicts", row["verdicts"]));
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_with_two_submissions_is_told() {
        let work = Work {
            course: "c".into(),
            challenge: "a".into(),
            language: "bash".into(),
            name: "n".into(),
            step: None,
            files: BTreeMap::new(),
            verdicts: Vec::new(),
            target_ms: None,
        };
        let mut ledger = Ledger::default();
        ledger.note("k", "1", &work);
        ledger.note("k", "1", &work);
        assert!(ledger.twice.is_empty());
        ledger.note("k", "2", &work);
        assert_eq!(ledger.twice, ["k: 1 and 2"]);
        assert_eq!(ledger.len(), 2);
    }
}
