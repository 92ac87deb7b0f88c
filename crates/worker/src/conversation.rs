//! The worker's end of a conversation: what a program says goes to whoever waits for it,
//! and what they say goes to the program.
//!
//! The judge's thread writes to the socket. Two threads of the conversation's own bring
//! input the other way: one hears, so that a signal is heard also while the program does
//! not read, and one writes to the program. What waits between them is bounded by what
//! an execution may be given as input at all.

use std::io::{PipeWriter, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use carrel_bus::Bus;
use carrel_bus::conversation::{DATA_BYTES_MAX, Decoder, Frame, INPUT_BYTES_MAX};
use carrel_judge::partner::{Partner, Stop};
use carrel_model::execution::{OutputStream, Stage, StageResult};

/// Longest that the other side may leave what is told to it unread.
const PATIENCE: Duration = Duration::from_secs(10);
/// Signal that a program is ended by where nobody talks with it any more.
const SIGKILL: i32 = 9;

/// A conversation. Its end is that of the other side's patience, not of the run.
#[derive(Debug)]
pub(crate) struct Conversation {
    socket: UnixStream,
    /// Nobody hears any more.
    gone: AtomicBool,
}

impl Conversation {
    /// Calls where somebody waits; `None`: nobody does any more, and the run is an ordinary one.
    pub(crate) fn begin(bus: &dyn Bus, name: &str) -> Option<Self> {
        let called = bus.call(name).and_then(|socket| {
            socket.set_write_timeout(Some(PATIENCE))?;
            Ok(socket)
        });
        match called {
            Ok(socket) => Some(Self {
                socket,
                gone: AtomicBool::new(false),
            }),
            Err(error) => {
                tracing::info!(%error, "nobody waits to talk with the program");
                None
            }
        }
    }

    /// All is told.
    pub(crate) fn finish(&self) {
        self.tell(&Frame::Done);
    }

    fn tell(&self, frame: &Frame) {
        if self.gone.load(Ordering::Relaxed) {
            return;
        }
        let told = frame
            .encode()
            .and_then(|bytes| (&self.socket).write_all(&bytes));
        if let Err(error) = told {
            tracing::debug!(%error, "nobody hears the program any more");
            self.gone.store(true, Ordering::Relaxed);
            // A part of a frame may be on its way: nothing may follow it.
            let _ = self.socket.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // The hearing thread holds the socket too.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Partner for Conversation {
    fn begins(&self, stage: Stage) {
        self.tell(&Frame::Begins(stage));
    }

    fn meets(&self, input: PipeWriter, stop: Stop) {
        let (sender, receiver) = mpsc::channel();
        let spawned = self.socket.try_clone().and_then(|socket| {
            spawn("program input", move || feed(input, &receiver))?;
            spawn("conversation", move || hear(socket, &sender, &stop))
        });
        if let Err(error) = spawned {
            // The program's input has ended then; its output is told all the same.
            tracing::warn!(%error, "nothing is heard for the program");
        }
    }

    fn hears(&self, stream: OutputStream, bytes: &[u8]) {
        for part in bytes.chunks(DATA_BYTES_MAX) {
            self.tell(&Frame::Output(stream, part.to_vec()));
        }
    }

    fn ended(&self, stage: Stage, result: &StageResult) {
        let mut bare = result.clone();
        bare.order.clear();
        for (stream, bytes) in [
            (OutputStream::Stdout, std::mem::take(&mut bare.stdout)),
            (OutputStream::Stderr, std::mem::take(&mut bare.stderr)),
        ] {
            // What a run wrote was told as it came.
            if stage == Stage::Compile {
                self.hears(stream, &bytes);
            }
        }
        self.tell(&Frame::Ended(stage, Box::new(bare)));
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop)
}

/// What the other side says, until it or the conversation ends: then the run does.
fn hear(mut socket: UnixStream, input: &mpsc::Sender<Vec<u8>>, stop: &Stop) {
    let mut decoder = Decoder::default();
    let mut buffer = vec![0; DATA_BYTES_MAX];
    let mut heard = 0;
    'heard: loop {
        match socket.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => decoder.feed(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        }
        loop {
            match decoder.next_frame() {
                Ok(Some(Frame::Input(bytes))) => {
                    heard += bytes.len();
                    if heard > INPUT_BYTES_MAX {
                        break 'heard;
                    }
                    // A program that has closed its input hears nothing.
                    let _ = input.send(bytes);
                }
                // Nothing handles it: the whole sandbox goes.
                Ok(Some(Frame::Signal(SIGKILL))) => stop.stop(SIGKILL),
                Ok(Some(Frame::Signal(signal))) => {
                    stop.signal(u8::try_from(signal).unwrap_or_default());
                }
                Ok(None) => break,
                Ok(Some(_)) | Err(_) => break 'heard,
            }
        }
    }
    stop.stop(SIGKILL);
}

/// What was heard, into the program, until it reads no more.
fn feed(mut input: PipeWriter, heard: &mpsc::Receiver<Vec<u8>>) {
    while let Ok(bytes) = heard.recv() {
        if input.write_all(&bytes).is_err() {
            return;
        }
    }
}
