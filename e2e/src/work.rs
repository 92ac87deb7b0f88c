//! What is submitted: declared submissions of a course, with the verdicts that are right for them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_model::Verdict;
use carrel_model::challenge::{Challenge, TARGET_MS_DEFAULT};
use serde_json::{Value, json};

use crate::random::Random;

/// One submission.
#[derive(Debug, Clone)]
pub struct Work {
    /// Course.
    pub course: String,
    /// Challenge.
    pub challenge: String,
    /// Language of the challenge.
    pub language: String,
    /// Name its author gave it.
    pub name: String,
    /// Step up to which it is judged.
    pub step: Option<String>,
    /// Files by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The verdicts that are right for it.
    pub verdicts: Vec<Verdict>,
    /// Target of the challenge, milliseconds; `None`: that of the service.
    pub target_ms: Option<u64>,
}

/// Ends of the names of files that are compiled; in all of them `//` begins a comment.
const COMPILED: [&str; 6] = [".c", ".cc", ".cpp", ".go", ".java", ".rs"];

impl Work {
    /// The same with a comment at the end of each file that is compiled, as if somebody had
    /// edited it: no compile result of before fits it.
    #[must_use]
    pub fn edited(mut self, mark: u64) -> Self {
        for (path, content) in &mut self.files {
            if COMPILED.iter().any(|end| path.ends_with(end)) {
                content.extend_from_slice(format!("\n// {mark:016x}\n").as_bytes());
            }
        }
        self
    }

    /// Where it is sent to.
    #[must_use]
    pub fn path(&self) -> String {
        format!(
            "/api/v1/courses/{}/challenges/{}/submissions",
            self.course, self.challenge
        )
    }

    /// What is sent.
    #[must_use]
    pub fn body(&self) -> Value {
        let files: serde_json::Map<String, Value> = self
            .files
            .iter()
            .map(|(path, bytes)| {
                let content = match std::str::from_utf8(bytes) {
                    Ok(text) => json!(text),
                    Err(_) => json!({ "base64": STANDARD.encode(bytes) }),
                };
                (path.clone(), content)
            })
            .collect();
        let mut body = json!({ "files": files });
        if let Some(step) = &self.step {
            body["step"] = json!(step);
        }
        body
    }

    /// From being sent to the verdict, at most.
    #[must_use]
    pub fn target(&self) -> Duration {
        Duration::from_millis(self.target_ms.unwrap_or(TARGET_MS_DEFAULT))
    }

    /// Whether it is declared to use up a limit.
    #[must_use]
    pub fn uses_up_a_limit(&self) -> bool {
        self.verdicts.iter().any(|verdict| LIMITS.contains(verdict))
    }

    /// Whether this verdict is right.
    #[must_use]
    pub fn is_right(&self, verdict: &str) -> bool {
        self.verdicts.iter().any(|right| right.name() == verdict)
    }
}

/// Many submissions, drawn as learners would send them.
#[derive(Debug, Clone)]
pub struct Mix {
    /// Right and wrong answers of the course, at least one.
    accepted: Vec<Work>,
    refused: Vec<Work>,
    limited: Vec<Work>,
}

const LIMITS: [Verdict; 3] = [
    Verdict::TimeLimit,
    Verdict::MemoryLimit,
    Verdict::OutputLimit,
];
/// Languages whose runtimes begin within a few milliseconds.
const LIGHT: [&str; 2] = ["bash", "sqlite"];
/// Of a hundred submissions so many use up a limit.
const LIMITED_PERCENT: usize = 2;
/// Of a hundred submissions so many are accepted.
const ACCEPTED_PERCENT: usize = 55;

impl Mix {
    /// Reference solutions and declared submissions of a course directory, in
    /// the challenge's own language.
    ///
    /// # Errors
    /// The course is wrong, or has nothing to submit.
    pub fn load(directory: &Path) -> anyhow::Result<Self> {
        let course = carrel_course::course::load(directory).map_err(|problems| {
            anyhow::anyhow!("reading the course `{}`: {problems}", directory.display())
        })?;
        let mut all = Vec::new();
        for challenge in &course.challenges {
            add(&course.id, challenge, &mut all)?;
        }
        Self::of(all)
    }

    /// Of these.
    ///
    /// # Errors
    /// There is none.
    pub fn of(all: Vec<Work>) -> anyhow::Result<Self> {
        ensure!(!all.is_empty(), "the course has nothing to submit");
        let (accepted, rest): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|work| work.verdicts.contains(&Verdict::Accepted));
        let (mut limited, refused): (Vec<Work>, Vec<Work>) =
            rest.into_iter().partition(Work::uses_up_a_limit);
        for work in &mut limited {
            // Which limit ends it first may depend on what else the machine does.
            work.verdicts = LIMITS.to_vec();
        }
        Ok(Self {
            accepted,
            refused,
            limited,
        })
    }

    /// Without submissions that use up a limit: each costs as much as fifty others.
    #[must_use]
    pub fn without_limits(mut self) -> Self {
        self.limited.clear();
        self
    }

    /// Only what costs little: challenges in bash and SQL, no submission that uses up a
    /// limit. For runs in which the service is looked at, not the programs.
    ///
    /// # Errors
    /// The course has none of these.
    pub fn light(self) -> anyhow::Result<Self> {
        let light = |work: &Work| LIGHT.contains(&work.language.as_str());
        let mut all = self.accepted;
        all.extend(self.refused);
        all.retain(light);
        Self::of(all)
    }

    /// Every submission once.
    pub fn all(&self) -> impl Iterator<Item = &Work> {
        self.accepted
            .iter()
            .chain(&self.refused)
            .chain(&self.limited)
    }

    /// Draws one.
    pub fn draw(&self, random: &mut Random) -> &Work {
        let drawn = random.below(100);
        let first = if drawn < LIMITED_PERCENT {
            &self.limited
        } else if drawn < LIMITED_PERCENT + ACCEPTED_PERCENT {
            &self.accepted
        } else {
            &self.refused
        };
        let filled = [first, &self.accepted, &self.refused, &self.limited];
        let list = filled
            .into_iter()
            .find(|list| !list.is_empty())
            .unwrap_or(first);
        &list[random.below(list.len())]
    }
}

fn add(course: &str, challenge: &Challenge, all: &mut Vec<Work>) -> anyhow::Result<()> {
    let read = |files: &BTreeMap<String, std::path::PathBuf>| {
        let pairs = files.iter().map(|(path, place)| {
            let bytes =
                std::fs::read(place).with_context(|| format!("reading `{}`", place.display()))?;
            Ok((path.clone(), bytes))
        });
        pairs.collect::<anyhow::Result<BTreeMap<_, _>>>()
    };
    if !challenge.solution.is_empty() && challenge.steps.len() == 1 {
        all.push(Work {
            course: course.to_owned(),
            challenge: challenge.id.clone(),
            language: challenge.language.clone(),
            name: "solution".to_owned(),
            step: None,
            files: read(&challenge.solution)?,
            verdicts: vec![Verdict::Accepted],
            target_ms: challenge.target_ms,
        });
    }
    for declared in &challenge.submissions {
        // Another language or main file is the author's privilege, not a learner's.
        if declared.language.is_some() || declared.entry.is_some() {
            continue;
        }
        all.push(Work {
            course: course.to_owned(),
            challenge: challenge.id.clone(),
            language: challenge.language.clone(),
            name: declared.name.clone(),
            step: declared.step.clone(),
            files: read(&declared.files)?,
            verdicts: declared.verdicts.clone(),
            target_ms: challenge.target_ms,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(verdict: Verdict) -> Work {
        Work {
            course: "c".into(),
            challenge: "a".into(),
            language: "bash".into(),
            name: verdict.name().into(),
            step: None,
            files: BTreeMap::from([
                ("a.sh".into(), b"\xff".to_vec()),
                ("b".into(), b"b".to_vec()),
            ]),
            verdicts: vec![verdict],
            target_ms: None,
        }
    }

    #[test]
    fn what_was_edited_differs_in_a_comment_only() {
        let mut work = work(Verdict::Accepted);
        work.files.insert("a.c".into(), b"int a;".to_vec());
        let edited = work.clone().edited(255);
        assert_eq!(edited.files["a.c"], b"int a;\n// 00000000000000ff\n");
        assert_eq!(edited.files["a.sh"], work.files["a.sh"], "not compiled");
    }

    #[test]
    fn the_mix_is_mostly_cheap_and_draws_what_there_is() {
        let all = [Verdict::Accepted, Verdict::WrongAnswer, Verdict::TimeLimit].map(work);
        let mix = Mix::of(all.to_vec()).unwrap();
        let mut random = Random::new(3);
        let mut counts = BTreeMap::new();
        for _ in 0..10_000 {
            *counts
                .entry(mix.draw(&mut random).name.clone())
                .or_insert(0) += 1;
        }
        assert!(
            counts["time_limit"] > 50 && counts["time_limit"] < 400,
            "{counts:?}"
        );
        assert!(counts["accepted"] > counts["wrong_answer"], "{counts:?}");
        let light = mix.clone().light().unwrap();
        assert!((0..1_000).all(|_| light.draw(&mut random).name != "time_limit"));
        let mix = mix.without_limits();
        assert!((0..1_000).all(|_| mix.draw(&mut random).name != "time_limit"));
    }

    #[test]
    fn bytes_that_are_no_text_travel_in_base64() {
        let body = work(Verdict::Accepted).body();
        assert_eq!(body["files"]["a.sh"]["base64"], "/w==");
        assert_eq!(body["files"]["b"], "b");
        assert!(work(Verdict::Accepted).is_right("accepted"));
    }
}
