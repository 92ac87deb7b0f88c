//! Runs that a client talks to while they go on: the seam, and what stands behind it.

mod buffered;
mod direct;

use std::fmt;

use carrel_model::execution::{ExecutionRequest, OutputStream};
use tokio::sync::mpsc;

use crate::app::App;
use crate::caller::Caller;

/// Messages of one run that wait in either direction.
const CHANNEL_MESSAGES_MAX: usize = 64;
/// How long a run may take altogether, seconds.
const RUN_SECONDS_MAX: u64 = 120;

/// What a client tells a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveInput {
    /// Bytes for its standard input.
    Stdin(Vec<u8>),
    /// A signal for its process.
    Signal(i32),
}

/// What a run tells its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveOutput {
    /// A stage begins: `compile` or `run`.
    Stage(&'static str),
    /// Bytes of one of its streams.
    Data(OutputStream, Vec<u8>),
    /// A stage ended, by exit code or by the name of a signal.
    Exit(&'static str, Option<i32>, Option<String>),
    /// It could not be run: what to tell. The last message.
    Failed(String),
}

/// The two ends of a run that a client holds. Dropping them ends the run.
#[derive(Debug)]
pub struct LiveRun {
    /// To the run.
    pub input: mpsc::Sender<LiveInput>,
    /// From the run; ends after the last stage.
    pub output: mpsc::Receiver<LiveOutput>,
}

/// Starts runs that are talked to.
pub trait LiveRuns: Send + Sync {
    /// Starts one; what goes wrong is told as [`LiveOutput::Failed`].
    fn start(&self, app: &App, caller: &Caller, request: ExecutionRequest) -> LiveRun;
}

impl fmt::Debug for dyn LiveRuns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LiveRuns")
    }
}

/// A conversation with the worker that runs it, over the bus: output as it is written,
/// input as it is sent. Where the bus carries none, or the worker that got it knows of
/// none, its output is told when it has ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Direct;

impl LiveRuns for Direct {
    fn start(&self, app: &App, caller: &Caller, request: ExecutionRequest) -> LiveRun {
        let (input, inputs) = mpsc::channel(CHANNEL_MESSAGES_MAX);
        let (outputs, output) = mpsc::channel(CHANNEL_MESSAGES_MAX);
        let (app, caller) = (app.clone(), caller.clone());
        tokio::spawn(async move {
            let told = match app.bus.offer() {
                Ok(offer) => {
                    direct::execute((&app, &caller), request, offer, inputs, &outputs).await
                }
                Err(error) => {
                    tracing::warn!(%error, "no conversation: its output is told at its end");
                    buffered::execute((&app, &caller), request, inputs, &outputs).await
                }
            };
            if let Err(message) = told {
                // A client that left hears nothing.
                let _ = outputs.send(LiveOutput::Failed(message)).await;
            }
        });
        LiveRun { input, output }
    }
}

type Inputs = mpsc::Receiver<LiveInput>;
type Outputs = mpsc::Sender<LiveOutput>;

/// Whether programs end by this signal, where they do not handle it.
fn ends_programs(signal: i32) -> bool {
    matches!(signal, 1 | 2 | 3 | 6 | 9 | 15)
}
