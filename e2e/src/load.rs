//! Submits at a fixed rate, whatever the answers: an open loop, so that a service
//! that falls behind is seen to (a closed loop would slow down with it).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::client::Client;
use crate::random::Random;
use crate::work::{Mix, Work};

/// Pause between two looks at a submission whose verdict did not come with the answer.
const LOOK_PAUSE: Duration = Duration::from_millis(50);
/// Most connections kept for further requests.
const IDLE_MAX: usize = 512;

/// What is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Submissions per second, on average; pauses are those of a Poisson process.
    pub rate: f64,
    /// For how long.
    pub length: Duration,
    /// How long to wait for a verdict at most.
    pub patience: Duration,
    /// What is submitted.
    pub mix: Mix,
    /// Seed.
    pub seed: u64,
}

/// How one submission went; times from the moment it was due to be sent, seconds.
#[derive(Debug, Clone)]
pub enum Went {
    /// It got this verdict.
    Judged {
        /// Challenge and name of what was sent.
        work: String,
        /// The submission.
        id: String,
        /// Time to the verdict.
        seconds: f64,
        /// The same as a share of the target of the challenge.
        of_target: f64,
        /// Its moments, as the service tells them.
        moments: Moments,
        /// It is declared to use up a limit: its time is its own doing.
        limited: bool,
        /// The verdict is right.
        right: bool,
    },
    /// It was refused with 429 or 503.
    Refused {
        /// Time to the answer.
        seconds: f64,
        /// With `Retry-After`.
        retry_after: bool,
    },
    /// Accepted, but no verdict came in time.
    Late,
    /// Anything else: told as it is.
    Failed(String),
}

/// When what happened to a submission, by the clock of the service.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    /// It was accepted.
    pub accepted: Timestamp,
    /// It began to run.
    pub begun: Timestamp,
    /// Its verdict was there.
    pub ended: Timestamp,
}

impl Moments {
    /// From accepted to begun, seconds.
    #[must_use]
    pub fn waited_seconds(&self) -> f64 {
        self.begun.duration_since(self.accepted).as_secs_f64()
    }

    fn read(row: &serde_json::Value) -> Option<Self> {
        let moment = |key: &str| row[key].as_str()?.parse().ok();
        Some(Self {
            accepted: moment("created_at")?,
            begun: moment("started_at")?,
            ended: moment("finished_at")?,
        })
    }
}

/// Runs the offer as the people of these tokens; returns how each submission went.
pub async fn run(address: std::net::SocketAddr, tokens: &[String], offer: &Offer) -> Vec<Went> {
    let idle: Arc<Mutex<Vec<Client>>> = Arc::default();
    if tokens.is_empty() {
        return Vec::new();
    }
    let mut random = Random::new(offer.seed);
    let mut running = tokio::task::JoinSet::new();
    let began = Instant::now();
    let mut due = 0.0;
    while due < offer.length.as_secs_f64() {
        let at = began + Duration::from_secs_f64(due);
        tokio::time::sleep_until(at.into()).await;
        let work = offer.mix.draw(&mut random).clone().edited(random.next());
        let idle = Arc::clone(&idle);
        let (token, patience) = (tokens[random.below(tokens.len())].clone(), offer.patience);
        running.spawn(async move {
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut client = kept.unwrap_or_else(|| Client::new(address, None));
            client.act_as(&token);
            let went = submit(&mut client, &work, at, patience).await;
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_MAX {
                idle.push(client);
            }
            went
        });
        due += random.exponential() / offer.rate;
    }
    let mut all = Vec::new();
    while let Some(ended) = running.join_next().await {
        all.push(ended.unwrap_or_else(|error| Went::Failed(error.to_string())));
    }
    all
}

/// Sends one submission and waits for its verdict.
pub async fn submit(client: &mut Client, work: &Work, due: Instant, patience: Duration) -> Went {
    let wait = format!("wait={}", patience.as_secs().max(1));
    let sent = client
        .post(&work.path(), &[("prefer", &wait)], &work.body())
        .await;
    let mut response = match sent {
        Ok(response) => response,
        Err(error) => return Went::Failed(error.to_string()),
    };
    let seconds = || due.elapsed().as_secs_f64();
    if matches!(response.status, 429 | 503) {
        return Went::Refused {
            seconds: seconds(),
            retry_after: response.header("retry-after").is_some(),
        };
    }
    loop {
        if !matches!(response.status, 200..=202) {
            return Went::Failed(format!("status {}: {}", response.status, response.text()));
        }
        let row = response.json();
        if let Some(verdict) = row["verdict"].as_str() {
            let Some(moments) = Moments::read(&row) else {
                return Went::Failed(format!("a verdict without its moments: {row}"));
            };
            return Went::Judged {
                work: format!("{}: {}", work.challenge, work.name),
                id: row["id"].as_str().unwrap_or_default().to_owned(),
                seconds: seconds(),
                of_target: seconds() / work.target().as_secs_f64(),
                moments,
                limited: work.uses_up_a_limit(),
                right: work.is_right(verdict),
            };
        }
        if due.elapsed() > patience {
            return Went::Late;
        }
        tokio::time::sleep(LOOK_PAUSE).await;
        let id = row["id"].as_str().unwrap_or_default();
        response = match client.get(&format!("/api/v1/submissions/{id}")).await {
            Ok(response) => response,
            Err(error) => return Went::Failed(error.to_string()),
        };
    }
}

/// Processor time of the programs of judged submissions, seconds: of what was run, not what was
/// found compiled. A learner is not told which that is, so `author` has to be one.
///
/// # Errors
/// One cannot be read.
pub async fn own_cpu(author: &mut Client, all: &[Went]) -> anyhow::Result<f64> {
    let mut cpu_ms = 0.0;
    for went in all {
        let Went::Judged { id, .. } = went else {
            continue;
        };
        let row = author.get(&format!("/api/v1/submissions/{id}")).await?;
        anyhow::ensure!(row.status == 200, "submission {id}: {}", row.text());
        let row = row.json();
        let runs = row["result"]["runs"].as_array();
        let made = runs
            .into_iter()
            .flatten()
            .filter(|run| run["cached"] != true);
        cpu_ms += made
            .filter_map(|run| run["usage"]["cpu_ms"].as_f64())
            .sum::<f64>();
    }
    Ok(cpu_ms / 1e3)
}
