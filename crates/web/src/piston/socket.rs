//! The WebSocket `connect`: their messages, close codes and reasons.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use carrel_model::execution::OutputStream;
use serde_json::{Value, json};

use super::live::{LiveInput, LiveOutput, LiveRun};
use super::request::{self, Wrong};
use super::signal;
use crate::app::App;
use crate::caller::Caller;
use crate::dialect::language;
use crate::dialect::version::write_version;

/// How long a client may take to send `init`, milliseconds.
const INIT_MS_MAX: u64 = 1_000;

/// Why a socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Close {
    AlreadyInitialized,
    InitializationTimeout,
    NotifiedError,
    NotYetInitialized,
    OnlyStdin,
    InvalidSignal,
    JobCompleted,
}

impl Close {
    fn frame(self) -> CloseFrame {
        let (code, reason) = match self {
            Self::AlreadyInitialized => (4000, "Already Initialized"),
            Self::InitializationTimeout => (4001, "Initialization Timeout"),
            Self::NotifiedError => (4002, "Notified Error"),
            Self::NotYetInitialized => (4003, "Not yet initialized"),
            Self::OnlyStdin => (4004, "Can only write to stdin"),
            Self::InvalidSignal => (4005, "Invalid signal"),
            Self::JobCompleted => (4999, "Job Completed"),
        };
        CloseFrame {
            code,
            reason: reason.into(),
        }
    }
}

/// What ends a conversation; `None`: the client left.
type End = Option<Close>;

/// Holds the conversation.
pub(super) async fn converse(app: App, caller: Caller, mut socket: WebSocket) {
    let end = match begin(&app, &caller, &mut socket).await {
        Ok(run) => go_on(&mut socket, run).await,
        Err(end) => end,
    };
    if let Some(close) = end {
        // A client that left does not hear it.
        let _ = socket.send(Message::Close(Some(close.frame()))).await;
    }
}

/// Waits for `init` and starts what it asks for.
async fn begin(app: &App, caller: &Caller, socket: &mut WebSocket) -> Result<LiveRun, End> {
    let patience = Duration::from_millis(INIT_MS_MAX);
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        let received = tokio::time::timeout_at(deadline, socket.recv()).await;
        let Ok(received) = received else {
            return Err(Some(Close::InitializationTimeout));
        };
        let Some(message) = parse(socket, received).await? else {
            continue;
        };
        match message["type"].as_str() {
            Some("init") => break start(app, caller, socket, &message).await,
            Some("data" | "signal") => return Err(Some(Close::NotYetInitialized)),
            _ => {}
        }
    }
}

async fn start(
    app: &App,
    caller: &Caller,
    socket: &mut WebSocket,
    init: &Value,
) -> Result<LiveRun, End> {
    let offered = match language::offered(app).await {
        Ok(offered) => offered,
        Err(problem) => return Err(fail(socket, &problem.to_string()).await),
    };
    let job = match request::read(init, &offered, &app.config.piston) {
        Ok(job) => job,
        Err(Wrong::Sent(message)) => return Err(fail(socket, &message).await),
        Err(Wrong::Absent(problem)) => return Err(fail(socket, &problem.document().detail).await),
    };
    let runtime = json!({
        "type": "runtime",
        "language": job.offered.names.piston,
        "version": write_version(job.offered.version),
    });
    send(socket, &runtime).await?;
    Ok(app.config.piston.live.start(app, caller, job.request))
}

/// Passes messages on in both directions until one side ends.
async fn go_on(socket: &mut WebSocket, mut run: LiveRun) -> End {
    // One message of the client's waits here while the run takes no more.
    let mut waiting = None;
    let mut halves = Halves::default();
    loop {
        let step = tokio::select! {
            output = run.output.recv() => answer(socket, &mut halves, output).await,
            taken = run.input.reserve(), if waiting.is_some() => {
                // A run that has just ended takes no more; its last messages follow.
                let input = waiting.take();
                if let (Ok(permit), Some(input)) = (taken, input) {
                    permit.send(input);
                }
                Ok(())
            }
            received = socket.recv(), if waiting.is_none() => {
                hear(socket, received).await.map(|input| waiting = input)
            }
        };
        if let Err(end) = step {
            return end;
        }
    }
}

/// Beginnings of characters whose other bytes have not come yet, by stream.
#[derive(Debug, Default)]
struct Halves {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Halves {
    fn of(&mut self, stream: OutputStream) -> &mut Vec<u8> {
        match stream {
            OutputStream::Stdout => &mut self.stdout,
            OutputStream::Stderr => &mut self.stderr,
        }
    }

    /// The text up to the last whole character; the rest waits for what follows.
    fn join(&mut self, stream: OutputStream, bytes: &[u8]) -> String {
        let held = self.of(stream);
        held.extend_from_slice(bytes);
        let whole = held.len() - begun(held);
        let text = String::from_utf8_lossy(&held[..whole]).into_owned();
        held.drain(..whole);
        text
    }

    /// What nothing follows any more.
    fn end(&mut self, stream: OutputStream) -> String {
        let rest = std::mem::take(self.of(stream));
        String::from_utf8_lossy(&rest).into_owned()
    }
}

/// Bytes at the end that begin a character and do not end it (RFC 3629 §4): three at most.
fn begun(bytes: &[u8]) -> usize {
    for (back, byte) in (1..=3).zip(bytes.iter().rev()) {
        let length = match byte {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        };
        return if length > back { back } else { 0 };
    }
    0
}

async fn send_text(socket: &mut WebSocket, stream: OutputStream, text: &str) -> Result<(), End> {
    if text.is_empty() {
        return Ok(());
    }
    let stream = match stream {
        OutputStream::Stdout => "stdout",
        OutputStream::Stderr => "stderr",
    };
    let message = json!({"type": "data", "stream": stream, "data": text});
    send(socket, &message).await
}

async fn answer(
    socket: &mut WebSocket,
    halves: &mut Halves,
    output: Option<LiveOutput>,
) -> Result<(), End> {
    let message = match output {
        None => return Err(Some(Close::JobCompleted)),
        Some(LiveOutput::Failed(message)) => return Err(fail(socket, &message).await),
        Some(LiveOutput::Stage(stage)) => json!({"type": "stage", "stage": stage}),
        Some(LiveOutput::Data(stream, bytes)) => {
            return send_text(socket, stream, &halves.join(stream, &bytes)).await;
        }
        Some(LiveOutput::Exit(stage, code, signal)) => {
            for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                send_text(socket, stream, &halves.end(stream)).await?;
            }
            json!({"type": "exit", "stage": stage, "code": code, "signal": signal})
        }
    };
    send(socket, &message).await
}

/// What the client says to the run, where it says something to it.
async fn hear(
    socket: &mut WebSocket,
    received: Option<Result<Message, axum::Error>>,
) -> Result<Option<LiveInput>, End> {
    let Some(message) = parse(socket, received).await? else {
        return Ok(None);
    };
    Ok(Some(match message["type"].as_str() {
        Some("init") => return Err(Some(Close::AlreadyInitialized)),
        Some("data") if message["stream"] != "stdin" => return Err(Some(Close::OnlyStdin)),
        Some("data") => {
            let data = message["data"].as_str().unwrap_or_default();
            LiveInput::Stdin(data.as_bytes().to_vec())
        }
        Some("signal") => {
            let number = message["signal"].as_str().and_then(signal::number);
            LiveInput::Signal(number.ok_or(Some(Close::InvalidSignal))?)
        }
        _ => return Ok(None),
    }))
}

/// The message that was received, where it is one.
async fn parse(
    socket: &mut WebSocket,
    received: Option<Result<Message, axum::Error>>,
) -> Result<Option<Value>, End> {
    let parsed = match received {
        None | Some(Err(_) | Ok(Message::Close(_))) => return Err(None),
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text),
        Some(Ok(Message::Binary(bytes))) => serde_json::from_slice(&bytes),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(None),
    };
    match parsed {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(fail(socket, &format!("the message is not JSON: {error}")).await),
    }
}

async fn send(socket: &mut WebSocket, message: &Value) -> Result<(), End> {
    let sent = socket.send(Message::text(message.to_string())).await;
    sent.map_err(|_| None)
}

/// Tells what went wrong; the reason of a close has too little room for it.
async fn fail(socket: &mut WebSocket, message: &str) -> End {
    let message = json!({"type": "error", "message": message});
    match send(socket, &message).await {
        Ok(()) => Some(Close::NotifiedError),
        Err(end) => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_whole_wherever_they_are_cut() {
        let text = "aé€😀z".repeat(3);
        let bytes = text.as_bytes();
        for cut in 0..=bytes.len() {
            for further in cut..=bytes.len() {
                let mut halves = Halves::default();
                let mut told = String::new();
                for part in [&bytes[..cut], &bytes[cut..further], &bytes[further..]] {
                    told += &halves.join(OutputStream::Stdout, part);
                    // The other stream goes on by itself.
                    assert_eq!(halves.join(OutputStream::Stderr, b"e"), "e");
                }
                told += &halves.end(OutputStream::Stdout);
                assert_eq!(told, text, "{cut} {further}");
            }
        }
    }

    #[test]
    fn what_is_no_text_is_told_at_once_and_a_half_at_the_end() {
        let mut halves = Halves::default();
        assert_eq!(halves.join(OutputStream::Stdout, b"a\xff\xc3"), "a\u{fffd}");
        assert_eq!(halves.end(OutputStream::Stdout), "\u{fffd}");
        assert_eq!(halves.end(OutputStream::Stdout), "");
    }
}
