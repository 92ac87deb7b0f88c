//! Asks for a password on the terminal, without showing what is typed.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::Failure;

/// Longest line taken, bytes.
const LINE_BYTES_MAX: u64 = 4_096;
/// Where the person is, whatever standard input is.
const TERMINAL: &str = "/dev/tty";

/// Asks on the terminal.
///
/// # Errors
/// There is no terminal, or the person broke off.
pub fn ask(prompt: &str) -> Result<String, Failure> {
    let opened = OpenOptions::new().read(true).write(true).open(TERMINAL);
    let terminal = opened.map_err(|error| {
        let error = anyhow::Error::new(error).context("asking for the password: no terminal");
        Failure::new(crate::exit_code::USAGE, error)
            .hint("give it with --password-stdin, or let one be drawn with --generate-password")
    })?;
    let mut silent = Silent::start(terminal)?;
    silent.terminal.write_all(prompt.as_bytes())?;
    let typed = type_line(&mut silent.terminal);
    silent.terminal.write_all(b"\n")?;
    typed?.ok_or_else(|| Failure::usage("broken off"))
}

/// The first line of a stream, without its end.
///
/// # Errors
/// It cannot be read, is too long or not UTF-8.
pub fn read_line(stream: &mut impl BufRead) -> Result<String, Failure> {
    let mut line = String::new();
    let read = stream.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
    read.map_err(|error| {
        let error = anyhow::Error::new(error).context("reading the password from standard input");
        Failure::new(crate::exit_code::USAGE, error)
    })?;
    let length = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(length);
    Ok(line)
}

/// A terminal that echoes nothing and sends every key, until dropped.
struct Silent {
    terminal: File,
    before: Termios,
}

impl Silent {
    fn start(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        // Without ISIG, so that ^C cannot leave the terminal silent.
        silent.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// Keys up to the end of a line; `None`: broken off.
fn type_line(keys: &mut impl Read) -> Result<Option<String>, Failure> {
    let mut typed = Vec::new();
    let mut key = [0];
    loop {
        if keys.read(&mut key)? == 0 {
            return Ok(None);
        }
        match key[0] {
            b'\n' | b'\r' => break,
            // ^C and ^D.
            3 | 4 => return Ok(None),
            // Backspace: a whole character.
            8 | 127 => while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // ^U.
            21 => typed.clear(),
            byte if typed.len() as u64 <= LINE_BYTES_MAX => typed.push(byte),
            _ => {}
        }
    }
    let text = String::from_utf8(typed);
    text.map(Some)
        .map_err(|_| Failure::usage("what was typed is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8]) -> Option<String> {
        type_line(&mut &*keys).unwrap()
    }

    #[test]
    fn keys_are_edited_as_a_line() {
        assert_eq!(typed(b"abc\x7f\x7fd\n").as_deref(), Some("ad"));
        assert_eq!(typed("aé\u{7f}b\r".as_bytes()).as_deref(), Some("ab"));
        assert_eq!(typed(b"abc\x15d\n").as_deref(), Some("d"));
        assert_eq!(typed(b"\x7f\n").as_deref(), Some(""));
        assert_eq!(typed(b"ab\x03c\n"), None);
        assert_eq!(typed(b"ab"), None);
        assert!(type_line(&mut &b"\xff\n"[..]).is_err());
    }

    #[test]
    fn a_line_ends_at_its_end() {
        let mut stream = &b"secret word\r\nmore\n"[..];
        assert_eq!(read_line(&mut stream).unwrap(), "secret word");
        assert_eq!(read_line(&mut &b""[..]).unwrap(), "");
    }
}
