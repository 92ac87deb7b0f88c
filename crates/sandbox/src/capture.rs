//! The keeper's ends of a program's streams.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::OFlags;

use crate::report::{ORDER_PARTS_MAX, Output, OutputStream, Part};

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

    /// Reads once; the source is readable or at its end. Returns how many bytes were kept of it.
    pub(crate) fn read(&mut self) -> io::Result<usize> {
        let Some(source) = &self.source else {
            return Ok(0);
        };
        let mut buffer = [0_u8; READ_BYTES];
        match rustix::io::read(source, &mut buffer) {
            Ok(0) => self.source = None,
            Ok(count) => {
                let kept = count.min(self.keep.saturating_sub(self.bytes.len()));
                self.bytes.extend_from_slice(&buffer[..kept]);
                self.seen = self.seen.saturating_add(count);
                return Ok(kept);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(0)
    }
}

/// In which order two streams came.
#[derive(Debug, Default)]
pub(crate) struct Order(Vec<Part>);

impl Order {
    /// So many bytes were kept of this stream.
    pub(crate) fn add(&mut self, stream: OutputStream, kept: usize) {
        let bytes = kept as u64;
        if bytes == 0 {
            return;
        }
        let full = self.0.len() == ORDER_PARTS_MAX;
        match self.0.last_mut() {
            Some(last) if last.stream == stream => last.bytes += bytes,
            _ if full => {}
            _ => self.0.push(Part { stream, bytes }),
        }
    }
}

impl From<Order> for Vec<Part> {
    fn from(order: Order) -> Self {
        order.0
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
    fn order_joins_what_came_together_and_is_bounded() {
        let mut order = Order::default();
        order.add(OutputStream::Stdout, 2);
        order.add(OutputStream::Stdout, 1);
        order.add(OutputStream::Stderr, 0);
        order.add(OutputStream::Stderr, 4);
        for _ in 0..ORDER_PARTS_MAX {
            order.add(OutputStream::Stdout, 1);
            order.add(OutputStream::Stderr, 1);
        }
        let parts = Vec::from(order);
        assert_eq!(parts.len(), ORDER_PARTS_MAX);
        let first: Vec<_> = parts[..2]
            .iter()
            .map(|part| (part.stream, part.bytes))
            .collect();
        assert_eq!(
            first,
            [(OutputStream::Stdout, 3), (OutputStream::Stderr, 4)]
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
