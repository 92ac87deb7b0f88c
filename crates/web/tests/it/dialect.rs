//! Clients of Piston and Judge0, over real HTTP. A thread plays the worker: it claims, "runs" what
//! the program says, and finishes through the store.

mod hand;
mod judge0;
mod piston;
mod rates;
mod socket;
mod waits;
