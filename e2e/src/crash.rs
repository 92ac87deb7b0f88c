//! Submits while every process of the service is killed again and again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::client::Client;
use crate::ledger::{Findings, Ledger};
use crate::people::People;
use crate::random::Random;
use crate::server::Server;
use crate::work::Mix;

/// Who is killed, each as often as it stands here.
const VICTIMS: [&str; 6] = ["worker", "web", "keeper", "keeper", "worker", "supervisor"];
/// Longest pause of a sender before it tries again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// How long nothing may change at the end before what is open counts as lost.
const SETTLE_PATIENCE: Duration = Duration::from_secs(60);

/// What a campaign does.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Submissions to be acknowledged.
    pub submissions: usize,
    /// Senders at one time.
    pub senders: usize,
    /// Mean pause between two kills.
    pub pause: Duration,
    /// After this no further submission is begun.
    pub length: Duration,
    /// What is submitted.
    pub mix: Mix,
    /// Seed of all that is random.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was found at the end.
    pub findings: Findings,
    /// Kills per role.
    pub kills: Vec<(String, usize)>,
    /// Requests that failed and were sent again.
    pub retries: usize,
    /// How long it took.
    pub took: Duration,
}

struct Shared {
    since: Instant,
    campaign: Campaign,
    tokens: Vec<String>,
    begun: AtomicUsize,
    retries: AtomicUsize,
    over: AtomicBool,
    ledger: Mutex<Ledger>,
}

/// Runs a campaign against a running service: submits as the people of `tokens`, looks at the end as the operator.
///
/// # Errors
/// The service cannot be started again, or cannot be asked at the end.
pub async fn run(
    server: &mut Server,
    people: &People,
    campaign: Campaign,
) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let shared = Arc::new(Shared {
        since: began,
        tokens: people.learners.clone(),
        begun: AtomicUsize::new(0),
        retries: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        ledger: Mutex::new(Ledger::default()),
        campaign,
    });
    let address = server.address;
    let senders: Vec<_> = (0..shared.campaign.senders)
        .map(|number| tokio::spawn(send(Arc::clone(&shared), number, address)))
        .collect();
    let watch = Arc::clone(&shared);
    let waiting = tokio::spawn(async move {
        for sender in senders {
            // A sender that panics leaves its submissions out, and the count shows it.
            let _ = sender.await;
        }
        watch.over.store(true, Ordering::Release);
    });
    let kills = tokio::task::block_in_place(|| kill(server, &shared))?;
    waiting.await.context("waiting for the senders")?;
    let ledger = shared
        .ledger
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let mut client = Client::new(address, Some(&people.operator));
    let findings = ledger.settle(&mut client, SETTLE_PATIENCE).await?;
    Ok(Outcome {
        findings,
        kills,
        retries: shared.retries.load(Ordering::Relaxed),
        took: began.elapsed(),
    })
}

fn kill(server: &mut Server, shared: &Shared) -> anyhow::Result<Vec<(String, usize)>> {
    let mut random = Random::new(shared.campaign.seed);
    let mut kills: Vec<(String, usize)> = Vec::new();
    while !shared.over.load(Ordering::Acquire) {
        let pause = shared.campaign.pause.mul_f64(random.exponential().min(5.0));
        let until = Instant::now() + pause;
        while Instant::now() < until && !shared.over.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let victim = VICTIMS[random.below(VICTIMS.len())];
        if server.kill(victim).is_none() {
            continue;
        }
        match kills.iter_mut().find(|(role, _)| role == victim) {
            Some((_, count)) => *count += 1,
            None => kills.push((victim.to_owned(), 1)),
        }
        if victim == "supervisor" {
            server.restart()?;
        }
    }
    Ok(kills)
}

async fn send(shared: Arc<Shared>, number: usize, address: std::net::SocketAddr) {
    let mut random = Random::new(shared.campaign.seed ^ (number as u64 + 1).wrapping_mul(0x9E37));
    let mut client = Client::new(address, None);
    loop {
        let begun = shared.begun.fetch_add(1, Ordering::Relaxed);
        let campaign = &shared.campaign;
        if begun >= campaign.submissions || shared.since.elapsed() > campaign.length {
            return;
        }
        let work = shared.campaign.mix.draw(&mut random).clone();
        let tokens = &shared.tokens;
        if let Some(token) = tokens.get(random.below(tokens.len())) {
            client.act_as(token);
        }
        let key = format!("campaign-{}-{begun}", shared.campaign.seed);
        let headers = [("idempotency-key", key.as_str())];
        loop {
            let answer = client.post(&work.path(), &headers, &work.body()).await;
            if let Ok(response) = answer
                && matches!(response.status, 200..=202)
                && let Some(id) = response.json()["id"].as_str()
            {
                let mut ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
                ledger.note(&key, id, &work);
                break;
            }
            shared.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(RETRY_PAUSE.mul_f64(0.5 + random.share() / 2.0)).await;
        }
    }
}
