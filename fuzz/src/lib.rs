//! Damaged inputs for the tests of whatever reads hostile bytes.
//!
//! A target is a property test whose name begins with `fuzz_`: it takes inputs
//! from [`damaged`] and asserts at least that its reader comes back. `make test`
//! runs a few hundred inputs of each; `make fuzz` runs them, on fresh seeds, for
//! as long as it is told. An input that fails is shrunk and kept by proptest
//! beside the source file, and is tried first from then on.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Most bytes of an input.
pub const INPUT_BYTES_MAX: usize = 64 << 10;
/// Most changes of one input.
const CHANGES_MAX: usize = 8;
/// Most repetitions of a part.
const REPETITIONS_MAX: usize = 200;

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    InsertPiece(Index, Index),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Cut(Index),
    Join(Index, Index),
}

/// Inputs made from good ones by a few changes: bytes set, put in, taken out, repeated, cut
/// off, parts of two joined. `pieces` are words that mean something to the reader.
///
/// # Panics
/// Without any sample.
pub fn damaged(
    samples: Vec<Vec<u8>>,
    pieces: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    assert!(!samples.is_empty(), "nothing to damage");
    let chosen = any::<Index>();
    (chosen, vec(change(), 0..CHANGES_MAX)).prop_map(move |(chosen, changes)| {
        let mut input = chosen.get(&samples).clone();
        for change in changes {
            apply(&mut input, &change, &samples, pieces);
            input.truncate(INPUT_BYTES_MAX);
        }
        input
    })
}

/// The same as text: what is no UTF-8 is replaced.
pub fn damaged_text(
    samples: &[&str],
    pieces: &'static [&'static str],
) -> impl Strategy<Value = String> {
    let samples = samples.iter().map(|text| text.as_bytes().to_vec());
    damaged(samples.collect(), pieces)
        .prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (place(), vec(any::<u8>(), 1..16)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (place(), place()).prop_map(|(at, piece)| Change::InsertPiece(at, piece)),
        (place(), 1..64_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        (place(), 1..64_usize, 2..REPETITIONS_MAX)
            .prop_map(|(at, count, times)| Change::Repeat(at, count, times)),
        place().prop_map(Change::Cut),
        (place(), place()).prop_map(|(at, other)| Change::Join(at, other)),
    ]
}

fn apply(input: &mut Vec<u8>, change: &Change, samples: &[Vec<u8>], pieces: &[&str]) {
    // One more than there are bytes: also behind the last.
    let place = |index: &Index, input: &Vec<u8>| index.index(input.len() + 1);
    let part = |index: &Index, count: usize, input: &Vec<u8>| {
        let start = place(index, input);
        start..(start + count).min(input.len())
    };
    match change {
        Change::Set(at, byte) => {
            if let Some(there) = (!input.is_empty()).then(|| at.get_mut(input)) {
                *there = *byte;
            }
        }
        Change::Insert(at, bytes) => {
            let at = place(at, input);
            input.splice(at..at, bytes.iter().copied());
        }
        Change::InsertPiece(at, piece) => {
            if !pieces.is_empty() {
                let at = place(at, input);
                input.splice(at..at, piece.get(pieces).bytes());
            }
        }
        Change::Remove(at, count) => {
            input.drain(part(at, *count, input));
        }
        Change::Repeat(at, count, times) => {
            let range = part(at, *count, input);
            let repeated = input[range.clone()].repeat(*times);
            input.splice(range, repeated);
        }
        Change::Cut(at) => input.truncate(place(at, input)),
        Change::Join(at, other) => {
            input.truncate(place(at, input));
            let other = other.get(samples);
            input.extend_from_slice(&other[at.index(other.len() + 1)..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest! {
        #[test]
        fn inputs_stay_small(input in damaged(vec![b"abc".to_vec(), Vec::new()], &["<![CDATA["])) {
            prop_assert!(input.len() <= INPUT_BYTES_MAX);
        }

        #[test]
        fn no_change_panics(changes in vec(change(), 1..40)) {
            let samples = [b"xyz".to_vec(), Vec::new()];
            let mut input = Vec::new();
            for change in changes {
                apply(&mut input, &change, &samples, &["piece"]);
                input.truncate(1_000);
            }
        }
    }
}
