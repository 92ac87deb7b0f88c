//! The service over real HTTP, on the real store.

mod account;
