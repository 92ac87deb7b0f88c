//! The service's processes: stores, buses, web and worker put together from the settings.

pub mod environments;
pub mod life;
pub mod prepare;
pub mod preview;
pub mod web;
pub mod worker;
