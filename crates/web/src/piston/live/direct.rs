//! A run in the worker, and the conversation with it.

use std::pin::pin;
use std::time::Duration;

use carrel_bus::conversation::{DATA_BYTES_MAX, Decoder, Frame, INPUT_BYTES_MAX, Offer};
use carrel_model::execution::{ExecutionRequest, Stage};
use carrel_store::submission::Work;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};

use super::{Inputs, LiveInput, LiveOutput, Outputs, RUN_SECONDS_MAX, buffered, ends_programs};
use crate::app::App;
use crate::caller::Caller;
use crate::dialect::ending::{self, CancelOnDrop, Ending};
use crate::intake::{self, Draft};
use crate::piston::{response, signal};

/// How long the reason is waited for after a conversation broke off, milliseconds.
const REASON_MS_MAX: u64 = 2_000;

/// How a conversation went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Talk {
    /// All was told.
    Done,
    /// The worker broke it off; whether it had told something.
    BrokenOff { told: bool },
    /// The client left.
    Left,
}

/// Input on its way to the program, counted.
#[derive(Debug, Default)]
struct Input {
    bytes: usize,
    /// What came before the run: nobody reads it until then, and where the worker is lost before,
    /// it is for the next one.
    early: Vec<u8>,
    /// The run has begun.
    runs: bool,
}

impl Input {
    fn count(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.bytes += bytes.len();
        if self.bytes > INPUT_BYTES_MAX {
            return Err(format!("stdin is longer than {INPUT_BYTES_MAX} bytes"));
        }
        Ok(())
    }
}

/// Runs it to its end.
///
/// # Errors
/// What to tell the client.
pub(super) async fn execute(
    (app, caller): (&App, &Caller),
    mut request: ExecutionRequest,
    offer: Offer,
    mut inputs: Inputs,
    outputs: &Outputs,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("no conversation: {error}");
    let listener = offer.listener.try_clone().map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = UnixListener::from_std(listener).map_err(failed)?;
    request.conversation = Some(offer.name.clone());
    request.stdin = Vec::new();
    let language = request.language.clone();
    let draft = Draft::interactive(Work::Execution(Box::new(request)), language);
    let submitted = intake::accept(app, caller, draft).await;
    let id = intake::id_of(submitted.map_err(|problem| problem.to_string())?);
    let mut guard = CancelOnDrop::new(app, id);
    let within = Duration::from_secs(RUN_SECONDS_MAX);
    let mut end = pin!(ending::wait(app, id, within));
    let mut input = Input::default();
    let ended = loop {
        tokio::select! {
            called = listener.accept() => {
                let (stream, _) = called.map_err(failed)?;
                let talk = converse(stream, &mut input, &mut inputs, outputs);
                let talk = tokio::time::timeout(within, talk).await;
                match talk.unwrap_or_else(|_| Err(too_long()))? {
                    Talk::Done => {
                        guard.disarm();
                        return Ok(());
                    }
                    Talk::Left => return Ok(()),
                    // It never began: its outcome says why, or another worker calls.
                    Talk::BrokenOff { told: false } => {}
                    Talk::BrokenOff { told: true } => {
                        let reason = Duration::from_millis(REASON_MS_MAX);
                        let ended = tokio::time::timeout(reason, &mut end).await;
                        return Err(match ended {
                            Ok(Ok(Ending::Refused(message) | Ending::Failed(message))) => message,
                            _ => "the run was interrupted; start it again".to_owned(),
                        });
                    }
                }
            }
            ended = &mut end => break ended,
            Some(said) = inputs.recv() => match said {
                LiveInput::Stdin(bytes) => {
                    input.count(&bytes)?;
                    input.early.extend_from_slice(&bytes);
                }
                LiveInput::Signal(signal) if ends_programs(signal) => {
                    let exit = LiveOutput::Exit("run", None, signal::name(signal));
                    // The guard takes the execution back.
                    let _ = outputs.send(exit).await;
                    return Ok(());
                }
                LiveInput::Signal(_) => {}
            },
            // The client left.
            () = outputs.closed() => return Ok(()),
        }
    };
    let result = match ended.map_err(|problem| problem.to_string())? {
        Ending::Executed(result) => result,
        Ending::Refused(message) | Ending::Failed(message) => {
            guard.disarm();
            return Err(message);
        }
        Ending::Queued | Ending::Running => return Err(too_long()),
    };
    guard.disarm();
    // A worker that knows of no conversations. Whoever left meanwhile needs no more.
    let _ = buffered::tell(&result, outputs).await;
    Ok(())
}

fn too_long() -> String {
    format!("it did not end within {RUN_SECONDS_MAX} s")
}

/// Passes on what both sides say.
///
/// # Errors
/// What to tell the client.
async fn converse(
    stream: UnixStream,
    input: &mut Input,
    inputs: &mut Inputs,
    outputs: &Outputs,
) -> Result<Talk, String> {
    let (mut from_worker, mut to_worker) = stream.into_split();
    let mut told = false;
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; DATA_BYTES_MAX];
    loop {
        tokio::select! {
            count = from_worker.read(&mut buffer) => {
                let Ok(count @ 1..) = count else {
                    return Ok(Talk::BrokenOff { told });
                };
                decoder.feed(&buffer[..count]);
                while let Some(frame) = decoder.next_frame().map_err(|error| error.to_string())? {
                    let begins = frame == Frame::Begins(Stage::Run);
                    let Some(message) = message(frame) else {
                        return Ok(Talk::Done);
                    };
                    told = true;
                    if begins {
                        input.runs = true;
                        let early = std::mem::take(&mut input.early);
                        if pass_input(&mut to_worker, &early).await.is_err() {
                            // What the worker has told before is still to be read.
                            inputs.close();
                        }
                    }
                    if outputs.send(message).await.is_err() {
                        return Ok(Talk::Left);
                    }
                }
            }
            Some(said) = inputs.recv() => {
                let passed = match said {
                    LiveInput::Stdin(bytes) => {
                        input.count(&bytes)?;
                        if input.runs {
                            pass_input(&mut to_worker, &bytes).await
                        } else {
                            input.early.extend_from_slice(&bytes);
                            Ok(())
                        }
                    }
                    // What comes before the run ends it, where programs end by it.
                    LiveInput::Signal(signal) if input.runs || ends_programs(signal) => {
                        pass(&mut to_worker, &Frame::Signal(signal)).await
                    }
                    LiveInput::Signal(_) => Ok(()),
                };
                if passed.is_err() {
                    // What the worker has told before is still to be read.
                    inputs.close();
                }
            }
            () = outputs.closed() => return Ok(Talk::Left),
        }
    }
}

/// What a frame is to the client; `None`: all is told.
fn message(frame: Frame) -> Option<LiveOutput> {
    Some(match frame {
        Frame::Begins(stage) => LiveOutput::Stage(stage.name()),
        Frame::Output(stream, bytes) => LiveOutput::Data(stream, bytes),
        Frame::Ended(stage, result) => {
            let ended = response::stage(&result);
            LiveOutput::Exit(stage.name(), ended.code, ended.signal)
        }
        // The last two are said to a worker, never by one.
        Frame::Done | Frame::Input(_) | Frame::Signal(_) => return None,
    })
}

async fn pass_input(to_worker: &mut OwnedWriteHalf, bytes: &[u8]) -> std::io::Result<()> {
    for part in bytes.chunks(DATA_BYTES_MAX) {
        pass(to_worker, &Frame::Input(part.to_vec())).await?;
    }
    Ok(())
}

async fn pass(to_worker: &mut OwnedWriteHalf, frame: &Frame) -> std::io::Result<()> {
    to_worker.write_all(&frame.encode()?).await
}
