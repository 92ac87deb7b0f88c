//! Which trace a piece of work belongs to: W3C Trace Context, version 00.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A place in a trace: what comes next hangs below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceParent {
    /// The trace.
    pub trace: [u8; 16],
    /// The span.
    pub span: [u8; 8],
    /// Whoever began the trace records it.
    pub sampled: bool,
}

/// Not a `traceparent` of a version that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not `00-<32 hexadecimal digits>-<16>-<2>`, or all zero")]
pub struct MalformedTraceParent;

impl TraceParent {
    /// The beginning of a trace of its own.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            trace: *Uuid::now_v7().as_bytes(),
            span: span(),
            sampled: true,
        }
    }

    /// A new place below this one.
    #[must_use]
    pub fn child(self) -> Self {
        Self {
            span: span(),
            ..self
        }
    }
}

/// A new id of a span. The last bytes of such an id are random, and not all zero.
fn span() -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&Uuid::now_v7().as_bytes()[8..]);
    id
}

/// Lower-case hexadecimal digits, as the standards write ids.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl fmt::Display for TraceParent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span) = (hexadecimal(&self.trace), hexadecimal(&self.span));
        write!(
            formatter,
            "00-{trace}-{span}-{:02x}",
            u8::from(self.sampled)
        )
    }
}

impl FromStr for TraceParent {
    type Err = MalformedTraceParent;

    fn from_str(text: &str) -> Result<Self, MalformedTraceParent> {
        let parts: Vec<&str> = text.split('-').collect();
        let ["00", trace, span, flags] = parts.as_slice() else {
            return Err(MalformedTraceParent);
        };
        let [flags] = bytes(flags)?;
        let parent = Self {
            trace: bytes(trace)?,
            span: bytes(span)?,
            sampled: flags & 1 == 1,
        };
        if parent.trace == [0; 16] || parent.span == [0; 8] {
            return Err(MalformedTraceParent);
        }
        Ok(parent)
    }
}

fn bytes<const COUNT: usize>(digits: &str) -> Result<[u8; COUNT], MalformedTraceParent> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() != COUNT * 2 || !digits.bytes().all(lower) {
        return Err(MalformedTraceParent);
    }
    let mut bytes = [0; COUNT];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| MalformedTraceParent)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| MalformedTraceParent)?;
    }
    Ok(bytes)
}

impl TryFrom<String> for TraceParent {
    type Error = MalformedTraceParent;

    fn try_from(text: String) -> Result<Self, MalformedTraceParent> {
        text.parse()
    }
}

impl From<TraceParent> for String {
    fn from(parent: TraceParent) -> Self {
        parent.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn written_as_it_was_read() {
        let parent: TraceParent = EXAMPLE.parse().unwrap();
        assert!(parent.sampled);
        assert_eq!(parent.to_string(), EXAMPLE);
        let child = parent.child();
        assert_eq!(child.trace, parent.trace);
        assert_ne!(child.span, parent.span);
        let own = TraceParent::begin();
        assert_eq!(own.to_string().parse(), Ok(own));
    }

    #[test]
    fn what_is_none_is_refused() {
        let zero = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        let wide = EXAMPLE.replace("4bf9", "4bé");
        for bad in [
            "",
            "00",
            &EXAMPLE.to_uppercase(),
            &EXAMPLE[1..],
            &zero,
            &wide,
            &format!("{EXAMPLE}-x"),
        ] {
            assert!(bad.parse::<TraceParent>().is_err(), "{bad}");
        }
    }
}
