//! The interface of Judge0 CE 1.13.1 under `/judge0`, so that its clients work with this service.
//!
//! Their contract: the sources of <https://github.com/judge0/judge0/tree/v1.13.1> and
//! `docs/api` in them. `docs/compatibility.md` says what differs.

mod callback;
mod config;
mod information;
mod note;
mod parameters;
mod request;
mod routes;
mod status;
mod submissions;
mod text;
mod view;
mod words;

pub(crate) use callback::{DIALECT, callback_body};
pub use config::Config;
pub(crate) use routes::refuse;
pub use routes::routes;
