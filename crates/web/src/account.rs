//! Accounts.
pub mod name;
pub mod password;
