//! The web process.
use crate::config::service::Places;
use crate::config::setting::Settings;
use crate::failure::Failure;
use crate::supervise::listener::Listener;
use super::life::Life;
/// Temp.
pub fn run(_: &Settings, _: &Places, _: Vec<Listener>, _: Life) -> Result<(), Failure> { Ok(()) }
