//! Submits at a fixed rate, whatever the answers: an open loop, so that a service
//! that falls behind is seen to (a closed loop would slow down with it).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

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
        /// Of it from accepted to begun, as the service tells.
        waited_seconds: f64,
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
            return Went::Judged {
                work: format!("{}: {}", work.challenge, work.name),
                id: row["id"].as_str().unwrap_or_default().to_owned(),
                seconds: seconds(),
                of_target: seconds() / work.target().as_secs_f64(),
                waited_seconds: waited(&row),
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

/// How long it waited as its own document tells it, seconds.
fn waited(row: &serde_json::Value) -> f64 {
    let time = |key: &str| row[key].as_str()?.parse::<jiff::Timestamp>().ok();
    let waited = time("started_at").zip(time("created_at"));
    waited.map_or(0.0, |(began, accepted)| {
        began.duration_since(accepted).as_secs_f64()
    })
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
