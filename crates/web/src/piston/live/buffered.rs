//! An ordinary execution behind the protocol: input is collected until the client is
//! silent for a moment, then it runs, and its output is told when it has ended.

use std::time::Duration;

use carrel_api::limits::STDIN_BYTES_MAX;
use carrel_model::execution::{ExecutionRequest, ExecutionResult, OutputStream, StageResult};
use carrel_store::submission::Work;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Inputs, LiveInput, LiveOutput, Outputs, RUN_SECONDS_MAX, ends_programs};
use crate::app::App;
use crate::caller::Caller;
use crate::dialect::ending::{self, CancelOnDrop, Ending};
use crate::intake::{self, Draft};
use crate::piston::{response, signal};

/// How long more input is waited for after the last, milliseconds.
const COLLECT_QUIET_MS: u64 = 250;
/// How long input is collected at most, milliseconds.
const COLLECT_MS_MAX: u64 = 5_000;

/// Runs it to its end.
///
/// # Errors
/// What to tell the client.
pub(super) async fn execute(
    (app, caller): (&App, &Caller),
    mut request: ExecutionRequest,
    mut inputs: Inputs,
    outputs: &Outputs,
) -> Result<(), String> {
    request.stdin = collect(&mut inputs).await?;
    let language = request.language.clone();
    let draft = Draft::interactive(Work::Execution(Box::new(request)), language);
    let submitted = intake::accept(app, caller, draft).await;
    let id = intake::id_of(submitted.map_err(|problem| problem.to_string())?);
    let mut guard = CancelOnDrop::new(app, id);
    let within = Duration::from_secs(RUN_SECONDS_MAX);
    let end = tokio::select! {
        end = ending::wait(app, id, within) => end.map_err(|problem| problem.to_string())?,
        signal = ending_signal(&mut inputs) => {
            let exit = LiveOutput::Exit("run", None, signal::name(signal));
            // The guard takes the execution back.
            let _ = outputs.send(exit).await;
            return Ok(());
        }
        // The client left.
        () = outputs.closed() => return Ok(()),
    };
    let result = match end {
        Ending::Executed(result) => result,
        Ending::Refused(message) | Ending::Failed(message) => {
            guard.disarm();
            return Err(message);
        }
        Ending::Queued | Ending::Running => {
            return Err(format!("it did not end within {RUN_SECONDS_MAX} s"));
        }
    };
    guard.disarm();
    // Whoever left meanwhile needs no more.
    let _ = tell(&result, outputs).await;
    Ok(())
}

/// Input until nothing came for a moment.
async fn collect(inputs: &mut Inputs) -> Result<Vec<u8>, String> {
    let deadline = Instant::now() + Duration::from_millis(COLLECT_MS_MAX);
    let mut stdin = Vec::new();
    loop {
        let quiet = Instant::now() + Duration::from_millis(COLLECT_QUIET_MS);
        match tokio::time::timeout_at(quiet.min(deadline), inputs.recv()).await {
            Ok(Some(LiveInput::Stdin(bytes))) => {
                if stdin.len() + bytes.len() > STDIN_BYTES_MAX {
                    return Err(format!("stdin is longer than {STDIN_BYTES_MAX} bytes"));
                }
                stdin.extend_from_slice(&bytes);
            }
            Ok(Some(LiveInput::Signal(_))) => {}
            Ok(None) | Err(_) => return Ok(stdin),
        }
    }
}

/// Returns when the client sends a signal that ends programs; input comes too late by then.
async fn ending_signal(inputs: &mut Inputs) -> i32 {
    loop {
        match inputs.recv().await {
            Some(LiveInput::Signal(signal)) if ends_programs(signal) => return signal,
            Some(_) => {}
            None => std::future::pending().await,
        }
    }
}

/// Tells what came of it, all at once.
///
/// # Errors
/// The client left.
pub(super) async fn tell(
    result: &ExecutionResult,
    outputs: &Outputs,
) -> Result<(), mpsc::error::SendError<LiveOutput>> {
    let stages = [("compile", &result.compile), ("run", &result.run)];
    for (name, stage) in stages {
        let Some(stage) = stage else { continue };
        outputs.send(LiveOutput::Stage(name)).await?;
        for (stream, bytes) in parts(stage) {
            outputs.send(LiveOutput::Data(stream, bytes)).await?;
        }
        let told = response::stage(stage);
        let exit = LiveOutput::Exit(name, told.code, told.signal);
        outputs.send(exit).await?;
    }
    Ok(())
}

/// The output of a stage in the order it came.
fn parts(stage: &StageResult) -> Vec<(OutputStream, Vec<u8>)> {
    let (mut stdout, mut stderr) = (stage.stdout.as_slice(), stage.stderr.as_slice());
    let mut parts = Vec::with_capacity(stage.order.len() + 2);
    for part in &stage.order {
        let rest = match part.stream {
            OutputStream::Stdout => &mut stdout,
            OutputStream::Stderr => &mut stderr,
        };
        let length = usize::try_from(part.bytes).unwrap_or(usize::MAX);
        let (now, later) = rest.split_at(length.min(rest.len()));
        parts.push((part.stream, now.to_vec()));
        *rest = later;
    }
    parts.push((OutputStream::Stdout, stdout.to_vec()));
    parts.push((OutputStream::Stderr, stderr.to_vec()));
    parts.retain(|(_, bytes)| !bytes.is_empty());
    parts
}
