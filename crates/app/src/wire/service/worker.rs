//! The web process.

use crate::config::setting::Settings;
use crate::failure::Failure;
use crate::config::state::State;
use super::life::Life;
/// Temp.
pub fn run(_: &Settings, _: &State, life: Life) -> Result<(), Failure> { 
 let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
 rt.block_on(async { let s = life.shutdown().unwrap(); life.ready(); let l2=life.clone(); tokio::spawn(async move { loop { l2.alive(None); tokio::time::sleep(super::life::BEAT).await; } }); s.await;  });
 Ok(()) }
