//! What supervisor and children say to each other, over a socket that keeps
//! messages apart (`SOCK_SEQPACKET`) and is the child's descriptor 0.
//!
//! The end of the socket is a message too: a child whose supervisor is gone
//! ends, a supervisor whose child closed it looks whether that has ended.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::settings::Wire;

/// Largest message, bytes.
pub const MESSAGE_BYTES_MAX: usize = 128 << 10;
/// Most descriptors with one message: the kernel's own limit is 253.
pub const DESCRIPTORS_MAX: usize = 128;

/// From the supervisor to a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Begin with these settings; with it come the listening sockets.
    Serve {
        /// Settings by key.
        settings: Wire,
    },
    /// Take nothing new, end what runs, end.
    Drain,
}

/// From a child to the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum Word {
    /// It serves.
    Ready,
    /// Its work goes on; told by the work itself, not by a thread beside it.
    Alive {
        /// What is wrong all the same, such as a full disk; a restart would not help.
        fault: Option<String>,
    },
}

/// Two ends.
///
/// # Errors
/// Of the kernel.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags,
        None,
    )?)
}

/// Sends one message with descriptors.
///
/// # Errors
/// Of the socket; `WouldBlock` where the other side does not read: this never waits.
pub fn send(
    socket: impl AsFd,
    message: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let body = serde_json::to_vec(message).map_err(io::Error::other)?;
    if body.len() > MESSAGE_BYTES_MAX || descriptors.len() > DESCRIPTORS_MAX {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the message is too large",
        ));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    sendmsg(
        socket,
        &[IoSlice::new(&body)],
        &mut ancillary,
        SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
    )?;
    Ok(())
}

/// Receives one message; `None` when the other side is closed.
///
/// # Errors
/// Of the socket; `WouldBlock` where there is none yet and the socket does not wait; `InvalidData`.
pub fn receive<T: DeserializeOwned>(socket: impl AsFd) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut body = vec![0_u8; MESSAGE_BYTES_MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        socket,
        &mut [IoSliceMut::new(&mut body)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let mut descriptors = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            descriptors.extend(received);
        }
    }
    if received.bytes == 0 {
        return Ok(None);
    }
    let message = serde_json::from_slice(&body[..received.bytes])
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some((message, descriptors)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_apart_and_carry_descriptors() {
        let (near, far) = pair().unwrap();
        let settings = Wire::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        send(
            &near,
            &Order::Serve {
                settings: settings.clone(),
            },
            &[listener.as_fd()],
        )
        .unwrap();
        send(&near, &Order::Drain, &[]).unwrap();
        drop(listener);
        let (order, mut descriptors) = receive::<Order>(&far).unwrap().unwrap();
        assert_eq!(order, Order::Serve { settings });
        let passed = std::net::TcpListener::from(descriptors.pop().unwrap());
        assert_eq!(passed.local_addr().unwrap(), address);
        assert_eq!(receive::<Order>(&far).unwrap().unwrap().0, Order::Drain);
        drop(near);
        assert!(receive::<Order>(&far).unwrap().is_none());
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let (near, far) = pair().unwrap();
        rustix::net::send(&near, b"{\"order\":\"dance\"}", SendFlags::NOSIGNAL).unwrap();
        let error = receive::<Order>(&far).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
