//! From an author's files to a version on a service: taken out of a repository, packed, sent.

pub mod checkout;
pub mod client;
mod interruption;
pub mod pack;
pub mod repository;
