//! Messages between a [`crate::Keeper`] handle and the keeper process.
//!
//! A frame on the Unix stream socket is: length of the body (u32, little
//! endian), number of descriptors (u32), then the body in postcard encoding.
//! The descriptors travel as `SCM_RIGHTS` with the header.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::keeper::TestOptions;
use crate::report::Report;
use crate::spec::{Entry, FileInput, Limits, Network, Spec, Stream};

/// Largest body of a frame, bytes.
pub(crate) const FRAME_BYTES_MAX: usize = 1 << 30;
/// Most descriptors with one frame.
const DESCRIPTORS_MAX: usize = 8;

/// To the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// First message: what every sandbox of this keeper starts from.
    Start(Start),
    /// Run one program.
    Run(Box<RunRequest>),
    /// Take back the run with this number; one that is over already stays as it is.
    Cancel(u64),
}

/// From the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// Set up; these layers are missing.
    Ready(Vec<String>),
    /// The run's account.
    Report(Box<Report>),
    /// A platform fault.
    Fault(Fault),
}

/// A step of ours that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// Which step.
    pub(crate) step: String,
    /// Error number of the system.
    pub(crate) errno: i32,
}

/// What a keeper is made for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) root: RootWire,
    pub(crate) allow_missing_layers: bool,
    pub(crate) test: TestOptions,
}

/// [`crate::Root`] as it travels; a mount comes as a descriptor.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum RootWire {
    Directory(std::path::PathBuf),
    Mount,
    Assembled(Vec<Entry>),
}

/// [`Spec`] as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRequest {
    /// Number of the run on this keeper, from 1.
    pub(crate) number: u64,
    /// The last descriptor is a journal.
    pub(crate) journal: bool,
    pub(crate) argv: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) files: Vec<FileInput>,
    pub(crate) stdin: StreamWire,
    pub(crate) stdout: StreamWire,
    pub(crate) stderr: StreamWire,
    pub(crate) report_channel: bool,
    pub(crate) limits: Limits,
    pub(crate) network: Network,
    pub(crate) collect: Vec<String>,
    pub(crate) collect_bytes_max: u64,
    /// The last descriptor before the journal is that of [`Spec::stop`].
    pub(crate) stop: bool,
}

/// [`Stream`] as it travels; descriptors come in the order stdin, stdout, stderr, stop, journal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum StreamWire {
    Null,
    Bytes(Vec<u8>),
    Capture,
    Stdout,
    Descriptor,
}

impl RunRequest {
    /// Takes a spec apart into what is encoded and the descriptors beside it.
    pub(crate) fn from_spec(spec: Spec, number: u64) -> (Self, Vec<OwnedFd>) {
        let mut descriptors = Vec::new();
        let mut wire = |stream| match stream {
            Stream::Null => StreamWire::Null,
            Stream::Bytes(bytes) => StreamWire::Bytes(bytes),
            Stream::Capture => StreamWire::Capture,
            Stream::Stdout => StreamWire::Stdout,
            Stream::Descriptor(descriptor) => {
                descriptors.push(descriptor);
                StreamWire::Descriptor
            }
        };
        let request = Self {
            number,
            journal: spec.journal.is_some(),
            stdin: wire(spec.stdin),
            stdout: wire(spec.stdout),
            stderr: wire(spec.stderr),
            argv: spec.argv,
            environment: spec.environment,
            files: spec.files,
            report_channel: spec.report_channel,
            limits: spec.limits,
            network: spec.network,
            collect: spec.collect,
            collect_bytes_max: spec.collect_bytes_max,
            stop: spec.stop.is_some(),
        };
        descriptors.extend(spec.stop);
        descriptors.extend(spec.journal);
        (request, descriptors)
    }
}

/// Sends one frame.
pub(crate) fn send<T: Serialize>(
    socket: impl AsFd,
    message: &T,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let socket = socket.as_fd();
    let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
    if body.len() > FRAME_BYTES_MAX || descriptors.len() > DESCRIPTORS_MAX {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "frame is too large",
        ));
    }
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let count = u32::try_from(descriptors.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(8 + body.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&count.to_le_bytes());
    frame.extend_from_slice(&body);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let mut sent = sendmsg(
        socket,
        &[IoSlice::new(&frame)],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )?;
    while sent < frame.len() {
        sent += rustix::net::send(socket, &frame[sent..], SendFlags::NOSIGNAL)?;
    }
    Ok(())
}

/// Receives one frame; `None` at the end of the stream.
pub(crate) fn receive<T: DeserializeOwned>(
    socket: impl AsFd,
) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let socket = socket.as_fd();
    let mut header = [0_u8; 8];
    let mut descriptors = Vec::new();
    let mut filled = 0;
    while filled < header.len() {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut header[filled..])],
            &mut ancillary,
            RecvFlags::CMSG_CLOEXEC,
        )?;
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(received) = message {
                descriptors.extend(received);
            }
        }
        if received.bytes == 0 {
            if filled == 0 {
                return Ok(None);
            }
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += received.bytes;
    }
    let (length, count) = header.split_at(4);
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0_usize, |n, byte| n << 8 | *byte as usize)
    };
    let (length, count) = (number(length), number(count));
    if length > FRAME_BYTES_MAX || count != descriptors.len() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "frame header is wrong",
        ));
    }
    let mut body = vec![0_u8; length];
    let mut filled = 0;
    while filled < length {
        let (count, _) = rustix::net::recv(socket, &mut body[filled..], RecvFlags::empty())?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += count;
    }
    let message = postcard::from_bytes(&body).map_err(io::Error::other)?;
    Ok(Some((message, descriptors)))
}

#[cfg(test)]
mod tests {
    use carrel_fuzz::damaged;
    use proptest::prelude::*;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    fn pair() -> (OwnedFd, OwnedFd) {
        let (family, kind) = (AddressFamily::UNIX, SocketType::STREAM);
        socketpair(family, kind, SocketFlags::CLOEXEC, None).unwrap()
    }

    /// A request to run as it travels, without descriptors.
    fn frame() -> Vec<u8> {
        let mut spec = Spec::new(vec!["/bin/true".to_owned(), "argument".to_owned()]);
        spec.stdin = Stream::Bytes(b"input".to_vec());
        let (request, _) = RunRequest::from_spec(spec, 1);
        let body = postcard::to_stdvec(&Request::Run(Box::new(request))).unwrap();
        let mut frame = u32::try_from(body.len()).unwrap().to_le_bytes().to_vec();
        frame.extend(0_u32.to_le_bytes());
        frame.extend(body);
        frame
    }

    #[test]
    fn a_frame_comes_as_it_went() {
        let (near, far) = pair();
        let spec = Spec::new(vec!["/bin/true".to_owned()]);
        let (request, _) = RunRequest::from_spec(spec, 1);
        send(&near, &Request::Run(Box::new(request)), &[near.as_fd()]).unwrap();
        let (request, descriptors) = receive::<Request>(&far).unwrap().unwrap();
        assert!(matches!(request, Request::Run(run) if run.argv == ["/bin/true"] && !run.stop));
        assert_eq!(descriptors.len(), 1);
        drop((near, descriptors));
        assert!(receive::<Request>(&far).unwrap().is_none());
    }

    proptest! {
        /// Whatever comes, there is a message, an end or an error, and nobody waits for more.
        #[test]
        fn fuzz_frame(mut bytes in damaged(vec![frame()], &[])) {
            bytes.truncate(16 << 10); // what the socket holds without a reader
            let (near, far) = pair();
            let mut sent = 0;
            while sent < bytes.len() {
                sent += rustix::net::send(&near, &bytes[sent..], SendFlags::NOSIGNAL).unwrap();
            }
            drop(near);
            while let Ok(Some((_, descriptors))) = receive::<Request>(&far) {
                prop_assert!(descriptors.is_empty());
            }
        }
    }
}
