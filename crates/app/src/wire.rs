//! The only place that knows every crate: joins the judge to the image store,
//! the store's triggers to the sandbox, and the command line to all of them.

pub mod building;
pub mod course;
pub mod environments;
pub mod exchange;
pub mod import;
pub mod judging;
pub mod probe;
pub mod relay;
pub mod service;
pub mod trigger;
