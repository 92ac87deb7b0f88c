//! What goes out comes back with the same meaning: the same answers get the same points.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod drawn;
mod meaning;
mod moodle;
mod rich;
mod round_trip;
mod sound;
mod variables;
