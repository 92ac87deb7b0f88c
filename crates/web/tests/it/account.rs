//! People, sessions, tokens, roles, rates, over real HTTP and the real store.

mod data;
mod members;
mod openid;
mod rates;
mod sessions;
mod sign_in;
mod tokens;
mod users;
mod world;
