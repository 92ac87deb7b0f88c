//! Sessions.
pub mod cookie;
pub mod failures;
pub mod network;
pub mod origin;
pub mod rate;
pub mod secret;
pub mod token;
