//! Both ends of a program's streams, as the request wants them.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{Gid, Uid};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::capture::{Capture, Feed};
use crate::program::Streams;
use crate::protocol::{RunRequest, StreamWire};

/// Most bytes on the report channel.
const REPORT_BYTES_MAX: usize = 16 << 20;

/// The keeper's ends of the program's streams.
pub(crate) struct Ends {
    pub(crate) captures: [Capture; 3],
    pub(crate) feed: Feed,
}

/// Makes a pipe the program's own, so that it may open `/dev/stdin` and the
/// like, which opens the pipe anew.
fn give(pipe: &OwnedFd, uid: u32) -> io::Result<()> {
    let (owner, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
    Ok(rustix::fs::fchown(pipe, Some(owner), Some(group))?)
}

/// Makes both ends of every stream; the descriptors are those of the request, in order.
pub(crate) fn make_streams(
    request: &mut RunRequest,
    descriptors: Vec<OwnedFd>,
    uid: u32,
) -> io::Result<(Streams, Ends)> {
    let mut descriptors = descriptors.into_iter();
    let mut given = || descriptors.next().ok_or(io::ErrorKind::InvalidData);
    let null = || -> io::Result<OwnedFd> {
        Ok(File::options()
            .read(true)
            .write(true)
            .open("/dev/null")?
            .into())
    };
    let (stdin, feed) = match &mut request.stdin {
        StreamWire::Descriptor => (given()?, Feed::none()),
        StreamWire::Bytes(bytes) => {
            let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
            give(&read, uid)?;
            // Taken out: the request goes on into the memory of the run.
            (read, Feed::new(write, std::mem::take(bytes))?)
        }
        StreamWire::Null | StreamWire::Capture | StreamWire::Stdout => (null()?, Feed::none()),
    };
    let limit = usize::try_from(request.limits.output_bytes).unwrap_or(usize::MAX);
    let mut output = |stream: &StreamWire| -> io::Result<(OwnedFd, Capture)> {
        match stream {
            StreamWire::Descriptor => Ok((given()?, Capture::new(None, 0))),
            StreamWire::Capture => {
                let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
                give(&write, uid)?;
                Ok((write, Capture::new(Some(read), limit)))
            }
            StreamWire::Null | StreamWire::Bytes(_) | StreamWire::Stdout => {
                Ok((null()?, Capture::new(None, 0)))
            }
        }
    };
    let (stdout, captured_stdout) = output(&request.stdout)?;
    let (stderr, captured_stderr) = match &request.stderr {
        StreamWire::Stdout => (stdout.try_clone()?, Capture::new(None, 0)),
        other => output(other)?,
    };
    let (report, captured_report) = if request.report_channel {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
        give(&write, uid)?;
        (Some(write), Capture::new(Some(read), REPORT_BYTES_MAX))
    } else {
        (None, Capture::new(None, 0))
    };
    let captures = [captured_stdout, captured_stderr, captured_report];
    Ok((
        Streams {
            stdin,
            stdout,
            stderr,
            report,
        },
        Ends { captures, feed },
    ))
}
