//! Settings: what was written (flag, then environment variable, then default) and
//! what it means on this host. The only place that reads environment variables.

pub mod display;
pub mod log;
pub mod mirror;
pub mod service;
pub mod setting;
pub mod settings;
pub mod state;
pub mod table;
pub mod token;

/// The value of an environment variable; unset and empty are the same.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one place that reads the environment"
)]
fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Names of all environment variables; those that are no text are left out.
fn variable_names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}
