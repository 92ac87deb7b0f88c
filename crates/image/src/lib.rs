//! Environments: root file systems for sandboxes, built from a definition and
//! a lock file into a content-addressed store, or taken from the host.
//!
//! # From a definition to a tree
//! A [`Definition`] (what an author writes) names Debian packages, links and
//! small files. [`archive::resolve`] lets `apt-get` choose the versions, apart
//! from the host's own package state, and writes them with their SHA-256 into a
//! [`Lock`]. [`Store::build`] fetches exactly those packages, unpacks them by
//! itself (no maintainer script runs), does a short list of deterministic
//! triggers and stores the result. The same definition and lock give the same
//! digest on every machine.
//!
//! # The digest
//! The digest of an environment is the SHA-256 of its canonical listing
//! ([`listing`]): one line for each directory, file and link, with mode, size
//! and SHA-256 of the content. It does not depend on how the tree is stored.
//!
//! # The store
//! Files lie in a composefs repository (one object per distinct content, shared
//! by all environments), one metadata image per environment. Where the kernel
//! cannot mount such an image the tree is laid out as a directory instead; the
//! digest is the same.
#![forbid(unsafe_code)]

pub mod archive;
pub mod deb;
pub mod definition;
pub mod error;
pub mod host;
pub mod listing;
pub mod lock;
pub mod store;
pub mod tree;
pub mod trigger;

mod build;
mod filter;
mod layout;
mod objects;
mod parallel;

pub use archive::Mirrors;
pub use build::{Built, Progress, Stage};
pub use definition::{Definition, Probe};
pub use error::Error;
pub use lock::{Lock, LockedPackage};
pub use store::{Environment, Record, Store};
pub use tree::{Piece, Tree};
pub use trigger::{Collected, Request, Response, TriggerRunner};
