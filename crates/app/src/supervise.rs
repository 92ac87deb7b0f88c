//! `carrel serve`: one process that starts the others, and nothing else.
//!
//! # Theory of operation
//!
//! The supervisor binds the listening sockets (or takes them from the service
//! manager), and starts `carrel web` and `carrel worker` as children of the same
//! binary. Over a socket that is the child's descriptor 0 it gives each its
//! settings and the web its listening sockets, and hears when it is ready and,
//! every second, that its work goes on ([`control`]). What is to be done follows
//! from that by a pure state machine per role ([`role`]).
//!
//! * A child that dies is started again, at once the first time, then with
//!   growing pauses. One that is silent is killed: restarting is harmless, since
//!   what was acknowledged is in the database and what runs in sandboxes goes on
//!   and is adopted.
//! * A child whose supervisor dies sees the end of the socket, stops accepting,
//!   and ends after seconds whatever happens ([`member`]).
//! * SIGTERM and SIGINT drain, web and worker each within a bound. SIGHUP
//!   upgrades: the program's file is tried out, then executed in place of the
//!   running supervisor ([`succession`]); it inherits sockets and children,
//!   starts new children, and drains the old ones when the new ones serve.
//! * The service manager's watchdog is fed while every role serves or has
//!   failed so little that it will soon.
//!
//! There is one supervisor to a state directory ([`lock`]).
//!
//! The supervisor opens no database and answers no request. The web gets no
//! privilege: as root the supervisor starts it as another user ([`identity`]).

pub mod child;
pub mod control;
pub mod identity;
pub mod listener;
pub mod lock;
pub mod member;
pub mod notice;
pub mod role;
pub mod succession;
pub mod supervisor;
