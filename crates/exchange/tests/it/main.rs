//! What goes out comes back with the same meaning: the same answers get the same points.

mod round_trip;
mod sound;
