//! The worker process.
use crate::config::state::State;
use crate::config::setting::Settings;
use crate::failure::Failure;
use super::life::Life;
/// Temp.
pub fn run(_: &Settings, _: &State, _: Life) -> Result<(), Failure> { Ok(()) }
