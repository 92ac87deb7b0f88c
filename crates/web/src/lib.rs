//! The HTTP service: routes, sessions, streams; holds no sandbox and needs no privilege.
pub mod account;
pub mod session;
