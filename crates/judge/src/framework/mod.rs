//! Unit tests in the frameworks of the languages.

pub mod apart;
