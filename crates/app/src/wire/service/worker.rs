//! The worker process: store, bus, environments and settings put together.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use carrel_judge::CompileCache;
use carrel_sandbox::KeeperOptions;
use carrel_store::Store;
use carrel_worker::{NodeEnvironments, Parts};
use jiff::Timestamp;

use super::environments::HostEnvironments;
use super::life::Life;
use super::web::{beat, open_bus, open_store, platform, runtime};
use crate::config::service::Places;
use crate::config::settings::Settings;
use crate::config::state::{COMPILE_CACHE_BYTES_MAX, State};
use crate::failure::Failure;
use crate::wire::environments;

/// This program as it runs, even where its file was replaced since.
const MYSELF: &str = "/proc/self/exe";
/// Beats older than this are not looked at, milliseconds.
const BEATS_WITHIN_MS: u64 = 60_000;
/// Between two looks for the first beat.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// Judges until it is told to stop.
///
/// # Errors
/// The store, the bus or the environments cannot be used, or its canary failed again and again.
pub fn run(settings: &Settings, state: &State, life: Life) -> Result<(), Failure> {
    let runtime = runtime(0)?;
    let worked = runtime.block_on(work(settings, state, life));
    // Judging threads that are still at it are adopted by the next worker.
    runtime.shutdown_background();
    worked
}

async fn work(settings: &Settings, state: &State, life: Life) -> Result<(), Failure> {
    let places = Places::of(state);
    let succeeded = life.is_supervised();
    let shutdown = life
        .shutdown()
        .map_err(|error| platform("receiving signals", error))?;
    let bus = open_bus(&places)?;
    let store = open_store(&places, &bus)?;
    let images = environments::open(state, None)?;
    let allow = settings.flag("worker.allow_unrepeatable");
    let environments: Arc<dyn NodeEnvironments> = Arc::new(HostEnvironments::new(images, allow));
    let cache = CompileCache::open(&state.compile_cache(), COMPILE_CACHE_BYTES_MAX)
        .map_err(|error| platform("opening the compile cache", error))?;
    let beating = tokio::spawn(beat(Arc::clone(&store), life.clone()));
    let announcing = tokio::spawn(announce(Arc::clone(&store), life));
    let parts = Parts {
        store,
        bus,
        environments,
        cache,
    };
    let own = carrel_worker::Settings {
        succeeded,
        ..own_settings(settings, &places)
    };
    let worked = carrel_worker::run(own, parts, shutdown).await;
    beating.abort();
    announcing.abort();
    worked.map_err(|error| match error {
        // Under a supervisor it may be an earlier one's that ends: it is tried again.
        carrel_worker::Error::Taken { .. } if !succeeded => {
            Failure::not_ready(error).hint("one state directory has one worker: end that one first")
        }
        error => platform("judging", error),
    })
}

/// It serves when its first beat is written: from then on work is admitted for it.
async fn announce(store: Arc<dyn Store>, life: Life) {
    let began = Timestamp::now();
    loop {
        let nodes = store.nodes(BEATS_WITHIN_MS).await.unwrap_or_default();
        if nodes.iter().any(|node| node.beat_at >= began) {
            return life.ready();
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
}

fn own_settings(settings: &Settings, places: &Places) -> carrel_worker::Settings {
    let keeper = KeeperOptions {
        allow_missing_layers: settings.flag("worker.allow_missing_layers"),
        ..KeeperOptions::new(PathBuf::from(MYSELF))
    };
    let mut own = carrel_worker::Settings::new(places.worker(), places.courses(), keeper);
    let slots = settings.number_or_none("worker.slots");
    if let Some(slots) = slots.and_then(|slots| usize::try_from(slots).ok()) {
        own.slots = slots;
        own.idle_keepers = slots * 2;
    }
    let percent = usize::try_from(settings.number("worker.spare_percent")).unwrap_or_default();
    own.spare_slots = carrel_worker::spare_slots(own.slots, percent);
    own.drain_ms = settings.number("worker.drain_ms");
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::service;

    #[test]
    fn settings_reach_the_worker() {
        let mut settings = service::defaults().unwrap();
        settings.set("worker.slots=3").unwrap();
        settings.set("worker.spare_percent=70").unwrap();
        settings.set("worker.drain_ms=7").unwrap();
        settings.set("worker.allow_missing_layers=true").unwrap();
        let places = Places {
            service: "/s/service".into(),
            run: "/r".into(),
        };
        let own = own_settings(&settings, &places);
        assert_eq!((own.slots, own.spare_slots, own.drain_ms), (3, 2, 7));
        assert!(own.keeper.allow_missing_layers);
        assert_eq!(own.courses, std::path::Path::new("/s/service/courses"));
    }
}
