//! What init and the program tell the keeper on the account pipe: a stream of
//! length-prefixed postcard messages, read as a whole after the run.

use std::fs::File;
use std::io::{self, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};

use crate::protocol::Fault;
use crate::report::Collected;

/// One message.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// A step of ours failed.
    Fault(Fault),
    /// The program could not be executed.
    NotStarted(String),
    /// The program ended.
    Ended {
        /// As of wait(2).
        status: i32,
        /// From just before its exec to its end.
        wall_us: u64,
        /// The writable space was full.
        disk_full: bool,
    },
    /// A file that was asked for.
    File(Collected),
    /// Further bytes of the same file.
    More(Vec<u8>),
}

/// The writing end.
#[derive(Debug)]
pub(crate) struct Account(pub(crate) File);

impl Account {
    /// Whether the keeper still holds the reading end.
    pub(crate) fn has_reader(&self) -> io::Result<bool> {
        let mut polled = [PollFd::new(&self.0, PollFlags::empty())];
        poll(&mut polled, Some(&Timespec::default()))?;
        Ok(!polled[0].revents().contains(PollFlags::ERR))
    }

    pub(crate) fn tell(&mut self, message: &Message) -> io::Result<()> {
        let body = postcard::to_stdvec(message).map_err(io::Error::other)?;
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        self.0.write_all(&length.to_le_bytes())?;
        self.0.write_all(&body)
    }
}

/// All whole messages in what was read.
pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some((body, rest)) = rest.split_at_checked(length) else {
            break;
        };
        let Ok(message) = postcard::from_bytes(body) else {
            break;
        };
        messages.push(message);
        bytes = rest;
    }
    messages
}

#[cfg(test)]
mod tests {
    use carrel_fuzz::damaged;
    use proptest::prelude::*;

    use super::*;
    use crate::report::CollectedContent;

    /// What a run that collects two files tells.
    fn account() -> Vec<u8> {
        let file = |path: &str, content| {
            Message::File(Collected {
                path: path.to_owned(),
                content,
                executable: false,
            })
        };
        let messages = [
            Message::Ended {
                status: 0,
                wall_us: 5,
                disk_full: false,
            },
            file("a", CollectedContent::Bytes(b"first".to_vec())),
            Message::More(b"more".to_vec()),
            file("b", CollectedContent::Refused("a symbolic link".to_owned())),
            Message::NotStarted("no such file".to_owned()),
        ];
        let mut bytes = Vec::new();
        for message in messages {
            let body = postcard::to_stdvec(&message).unwrap();
            bytes.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            bytes.extend(body);
        }
        bytes
    }

    proptest! {
        /// A sandbox's init that was taken over can say anything; the keeper reads on.
        #[test]
        fn fuzz_account(bytes in damaged(vec![account()], &[])) {
            let held: usize = parse(&bytes).iter().map(|message| match message {
                Message::More(more) => more.len(),
                _ => 1,
            }).sum();
            prop_assert!(held <= bytes.len());
        }
    }

    #[test]
    fn knows_whether_anybody_reads() {
        let (read, write) = rustix::pipe::pipe().unwrap();
        let account = Account(write.into());
        assert!(account.has_reader().unwrap());
        drop(read);
        assert!(!account.has_reader().unwrap());
    }

    #[test]
    fn a_cut_stream_gives_its_whole_messages() {
        let file = tempfile::tempfile().unwrap();
        let mut account = Account(file.try_clone().unwrap());
        account
            .tell(&Message::NotStarted("gone".to_owned()))
            .unwrap();
        account
            .tell(&Message::Ended {
                status: 0,
                wall_us: 5,
                disk_full: false,
            })
            .unwrap();
        let mut bytes = Vec::new();
        let mut file = file;
        std::io::Seek::rewind(&mut file).unwrap();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        assert_eq!(parse(&bytes).len(), 2);
        assert_eq!(parse(&bytes[..bytes.len() - 1]).len(), 1);
        assert!(parse(&[255; 3]).is_empty());
    }
}
