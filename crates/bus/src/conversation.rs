//! Conversations: what a program that runs says and hears, between the process that
//! serves its user and the worker that runs it, over a stream of their own.
//!
//! One side offers a place ([`crate::Bus::offer`]) and writes its name into the work;
//! the worker calls there ([`crate::Bus::call`]). Nothing of it is kept, and one that
//! breaks off is not taken up again.
//!
//! A frame is a byte that says its kind, the length of the rest (four bytes, little
//! endian), and the rest.

use std::io;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

use carrel_model::execution::{OutputStream, Stage, StageResult};

/// Bytes of a program's input or output that one frame carries at most.
pub const DATA_BYTES_MAX: usize = 64 << 10;
/// Bytes of input that one program is given at most.
pub const INPUT_BYTES_MAX: usize = 4 << 20;
/// Bytes of a frame at most, its head left out.
const FRAME_BYTES_MAX: usize = 1 << 20;
/// Bytes of a frame's head: kind and length.
const HEAD_BYTES: usize = 5;

const BEGINS: u8 = 1;
const STDOUT: u8 = 2;
const STDERR: u8 = 3;
const ENDED: u8 = 4;
const DONE: u8 = 5;
const INPUT: u8 = 16;
const SIGNAL: u8 = 17;

/// What one side tells the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// A stage begins.
    Begins(Stage),
    /// The program wrote.
    Output(OutputStream, Vec<u8>),
    /// A stage ended; its output was told before and is left out.
    Ended(Stage, Box<StageResult>),
    /// All is told, and its record follows.
    Done,
    /// For the standard input of the program.
    Input(Vec<u8>),
    /// A signal for the program, which it may handle; SIGKILL ends the run.
    Signal(i32),
}

impl Frame {
    /// As it is sent.
    ///
    /// # Errors
    /// It is too large.
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let (kind, rest) = match self {
            Self::Begins(stage) => (BEGINS, serde_json::to_vec(stage)?),
            Self::Output(OutputStream::Stdout, bytes) => (STDOUT, bytes.clone()),
            Self::Output(OutputStream::Stderr, bytes) => (STDERR, bytes.clone()),
            Self::Ended(stage, result) => (ENDED, serde_json::to_vec(&(stage, result))?),
            Self::Done => (DONE, Vec::new()),
            Self::Input(bytes) => (INPUT, bytes.clone()),
            Self::Signal(signal) => (SIGNAL, signal.to_le_bytes().to_vec()),
        };
        if rest.len() > FRAME_BYTES_MAX {
            return Err(broken("is too large"));
        }
        let length = u32::try_from(rest.len()).map_err(|_| broken("is too large"))?;
        let mut frame = Vec::with_capacity(HEAD_BYTES + rest.len());
        frame.push(kind);
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&rest);
        Ok(frame)
    }

    fn decode(kind: u8, rest: &[u8]) -> io::Result<Self> {
        Ok(match kind {
            BEGINS => Self::Begins(serde_json::from_slice(rest)?),
            STDOUT => Self::Output(OutputStream::Stdout, rest.to_vec()),
            STDERR => Self::Output(OutputStream::Stderr, rest.to_vec()),
            ENDED => {
                let (stage, result) = serde_json::from_slice(rest)?;
                Self::Ended(stage, result)
            }
            DONE => Self::Done,
            INPUT => Self::Input(rest.to_vec()),
            SIGNAL => {
                let bytes = rest.try_into().map_err(|_| broken("has a wrong length"))?;
                Self::Signal(i32::from_le_bytes(bytes))
            }
            _ => return Err(broken("is of no known kind")),
        })
    }
}

fn broken(how: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("a frame of a conversation {how}"),
    )
}

/// Frames out of the bytes of a stream.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
}

impl Decoder {
    /// More came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next frame, where it is whole.
    ///
    /// # Errors
    /// It is none.
    pub fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        let Some((head, after)) = self.bytes.split_at_checked(HEAD_BYTES) else {
            return Ok(None);
        };
        let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > FRAME_BYTES_MAX {
            return Err(broken("is too large"));
        }
        let Some(rest) = after.get(..length) else {
            return Ok(None);
        };
        let frame = Frame::decode(head[0], rest)?;
        self.bytes.drain(..HEAD_BYTES + length);
        Ok(Some(frame))
    }
}

/// A place where one other process may call. It goes with this.
#[derive(Debug)]
pub struct Offer {
    /// Its name, which nobody can guess.
    pub name: String,
    /// Whoever calls comes here.
    pub listener: UnixListener,
    pub(crate) path: PathBuf,
}

impl Drop for Offer {
    fn drop(&mut self) {
        // What is left all the same is swept when it is old.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use carrel_model::result::Usage;

    use super::*;

    fn frames() -> Vec<Frame> {
        let result = StageResult {
            stdout: Vec::new(),
            stderr: Vec::new(),
            order: Vec::new(),
            exit_code: Some(3),
            signal: None,
            cause: None,
            limit: None,
            message: None,
            usage: Usage::default(),
        };
        vec![
            Frame::Begins(Stage::Run),
            Frame::Output(OutputStream::Stdout, b"a\xff".to_vec()),
            Frame::Output(OutputStream::Stderr, Vec::new()),
            Frame::Input(vec![7; 70_000]),
            Frame::Signal(-15),
            Frame::Ended(Stage::Compile, Box::new(result)),
            Frame::Done,
        ]
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut() {
        let sent: Vec<u8> = frames()
            .iter()
            .flat_map(|frame| frame.encode().unwrap())
            .collect();
        for size in [1, 7, 4_096, sent.len()] {
            let mut decoder = Decoder::default();
            let mut received = Vec::new();
            for part in sent.chunks(size) {
                decoder.feed(part);
                while let Some(frame) = decoder.next_frame().unwrap() {
                    received.push(frame);
                }
            }
            assert_eq!(received, frames(), "in parts of {size}");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let too_large = [STDOUT, 0xff, 0xff, 0xff, 0xff];
        let unknown = [99, 0, 0, 0, 0];
        let short_signal = [SIGNAL, 1, 0, 0, 0, 9];
        for bytes in [&too_large[..], &unknown, &short_signal] {
            let mut decoder = Decoder::default();
            decoder.feed(bytes);
            assert!(decoder.next_frame().is_err(), "{bytes:?}");
        }
        let huge = Frame::Input(vec![0; FRAME_BYTES_MAX + 1]);
        assert!(huge.encode().is_err());
    }
}
