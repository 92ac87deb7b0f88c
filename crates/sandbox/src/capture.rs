//! The keeper's ends of a program's streams.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::OFlags;

use crate::report::Output;

/// Bytes read at a time: as many as a pipe holds.
const READ_BYTES: usize = 64 << 10;

/// A stream being captured.
#[derive(Debug)]
pub(crate) struct Capture {
    source: Option<OwnedFd>,
    pub(crate) bytes: Vec<u8>,
    keep: usize,
    seen: usize,
}

impl Capture {
    /// Keeps at most `keep` bytes of `source`, and counts the others.
    pub(crate) fn new(source: Option<OwnedFd>, keep: usize) -> Self {
        Self {
            source,
            bytes: Vec::new(),
            keep,
            seen: 0,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.source.is_some()
    }

    pub(crate) fn source(&self) -> Option<BorrowedFd<'_>> {
        self.source.as_ref().map(AsFd::as_fd)
    }

    /// Bytes that came so far, kept or not.
    pub(crate) fn seen(&self) -> usize {
        self.seen
    }

    /// More came than is kept.
    pub(crate) fn is_over(&self) -> bool {
        self.seen > self.keep
    }

    /// Reads once; the source is readable or at its end.
    pub(crate) fn read(&mut self) -> io::Result<()> {
        let Some(source) = &self.source else {
            return Ok(());
        };
        let mut buffer = [0_u8; READ_BYTES];
        match rustix::io::read(source, &mut buffer) {
            Ok(0) => self.source = None,
            Ok(count) => {
                let room = self.keep.saturating_sub(self.bytes.len());
                self.bytes.extend_from_slice(&buffer[..count.min(room)]);
                self.seen = self.seen.saturating_add(count);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl From<Capture> for Output {
    fn from(capture: Capture) -> Self {
        Self {
            truncated: capture.is_over(),
            bytes: capture.bytes,
        }
    }
}

/// Bytes on their way into a program's standard input.
#[derive(Debug)]
pub(crate) struct Feed {
    target: Option<OwnedFd>,
    bytes: Vec<u8>,
    written: usize,
}

impl Feed {
    /// Nothing to feed.
    pub(crate) fn none() -> Self {
        Self {
            target: None,
            bytes: Vec::new(),
            written: 0,
        }
    }

    /// Feeds these bytes, then ends the stream.
    pub(crate) fn new(target: OwnedFd, bytes: Vec<u8>) -> io::Result<Self> {
        rustix::fs::fcntl_setfl(&target, OFlags::WRONLY | OFlags::NONBLOCK)?;
        let mut feed = Self {
            target: Some(target),
            bytes,
            written: 0,
        };
        // What fits goes in before the program starts; an empty input ends at once.
        feed.write();
        Ok(feed)
    }

    pub(crate) fn target(&self) -> Option<BorrowedFd<'_>> {
        self.target.as_ref().map(AsFd::as_fd)
    }

    /// Writes what fits. A program that does not read its input is its own affair.
    pub(crate) fn write(&mut self) {
        while let Some(target) = &self.target {
            match rustix::io::write(target, &self.bytes[self.written..]) {
                Ok(count) => {
                    self.written += count;
                    if self.written == self.bytes.len() {
                        self.target = None;
                    }
                }
                Err(rustix::io::Errno::AGAIN) => return,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => self.target = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::pipe::{PipeFlags, pipe_with};

    use super::*;

    #[test]
    fn keeps_the_first_bytes_and_counts_all() {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        rustix::io::write(&write, b"hello").unwrap();
        drop(write);
        let mut capture = Capture::new(Some(read), 3);
        while capture.is_open() {
            capture.read().unwrap();
        }
        assert_eq!(
            (capture.bytes.as_slice(), capture.seen(), capture.is_over()),
            (&b"hel"[..], 5, true)
        );
    }

    #[test]
    fn feed_larger_than_a_pipe_does_not_block_and_survives_a_closed_reader() {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        let mut feed = Feed::new(write, vec![b'x'; 1 << 20]).unwrap();
        assert!(feed.target().is_some());
        drop(read);
        feed.write();
        assert!(feed.target().is_none());
    }
}
