//! What one run of a harness shares with it and with nobody else: a key, and
//! two canaries whose outcome is known before anything runs.

use crate::error::Error;
use crate::sandboxes::Sandboxes;

/// Bytes of randomness in a key.
const KEY_BYTES: usize = 24;

/// The secrets of one run. Never written to a file, argument or environment variable.
pub(crate) struct Session {
    /// Stands before every record that counts.
    pub(crate) key: String,
    /// A case that our harness adds and that must pass.
    pub(crate) passing: Canary,
    /// A case that our harness adds and that must fail.
    pub(crate) failing: Canary,
}

/// A test case of ours between the author's.
pub(crate) struct Canary {
    /// Its name; random, so that nobody's code can wait for it.
    pub(crate) name: String,
    /// Where among the cases it stands, in thousandths.
    pub(crate) place_milli: u32,
}

impl Session {
    /// Draws the secrets of one run.
    ///
    /// # Errors
    /// The system's random numbers could not be read.
    pub(crate) fn draw(sandboxes: &dyn Sandboxes) -> Result<Self, Error> {
        let mut bytes = [0_u8; KEY_BYTES + 24];
        sandboxes.draw(&mut bytes)?;
        let (key, rest) = bytes.split_at(KEY_BYTES);
        let (first, second) = rest.split_at(12);
        Ok(Self {
            key: hex::encode(key),
            passing: Canary::from_bytes(first),
            failing: Canary::from_bytes(second),
        })
    }

    /// `true` for the name of one of the two canaries.
    pub(crate) fn is_canary(&self, name: &str) -> bool {
        name == self.passing.name || name == self.failing.name
    }

    /// Starts the bytes that the harness reads from its standard input.
    pub(crate) fn blocks(&self) -> Blocks {
        let mut blocks = Blocks::default();
        blocks.push("key", "", self.key.as_bytes());
        for (kind, canary) in [("pass", &self.passing), ("fail", &self.failing)] {
            blocks.push("canary", kind, canary.name.as_bytes());
            blocks.push("place", kind, canary.place_milli.to_string().as_bytes());
        }
        blocks
    }
}

impl Canary {
    fn from_bytes(bytes: &[u8]) -> Self {
        let (name, place) = bytes.split_at(8);
        let place = place
            .iter()
            .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        Self {
            name: format!("test_{}", hex::encode(name)),
            place_milli: place % 1001,
        }
    }
}

/// The input of a harness: blocks `kind name-length content-length`, a line
/// feed, the name, the content, a line feed. Needs no parser of any library.
#[derive(Default)]
pub(crate) struct Blocks {
    bytes: Vec<u8>,
}

impl Blocks {
    /// Adds a block. The kind is a bare word.
    pub(crate) fn push(&mut self, kind: &str, name: &str, content: &[u8]) {
        self.bytes
            .extend_from_slice(format!("{kind} {} {}\n", name.len(), content.len()).as_bytes());
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(content);
        self.bytes.push(b'\n');
    }

    /// The whole input.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_share_nothing() {
        let sandboxes = crate::scripted::Scripted::default();
        let one = Session::draw(&sandboxes).unwrap();
        let two = Session::draw(&sandboxes).unwrap();
        assert_ne!(one.key, two.key);
        assert_ne!(one.passing.name, one.failing.name);
        assert_ne!(one.passing.name, two.passing.name);
        assert_eq!(one.key.len(), KEY_BYTES * 2);
        assert!(one.passing.place_milli <= 1000);
    }

    #[test]
    fn blocks_count_bytes_not_characters() {
        let mut blocks = Blocks::default();
        blocks.push("test", "ä.py", b"x\n");
        assert_eq!(blocks.into_bytes(), "test 5 2\nä.pyx\n\n".as_bytes());
    }
}
