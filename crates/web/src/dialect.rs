//! What the interfaces of other services ([`crate::piston`], [`crate::judge0`]) share.
//!
//! A client of such a service works with this one by changing its base URL: paths, fields, types,
//! status codes and the form of errors are theirs. Both become an ad-hoc execution that goes the
//! same way as any other ([`crate::intake`]), so that admission, fairness and durability hold here too.

pub mod client;
pub mod ending;
pub mod files;
pub mod language;
pub mod version;
