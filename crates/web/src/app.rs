//! What every route and task of the service shares.

use std::fmt;
use std::sync::Arc;

use carrel_bus::Bus;
use carrel_store::Store;
use tokio::sync::watch;

use crate::account::Guards;
use crate::admission::door::Door;
use crate::catalogue::Catalogue;
use crate::condition::StoreCheck;
use crate::config::Config;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::nodes::NodeView;
use crate::page::Texts;
use crate::stages::Stages;

/// The state of the service; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Durable state.
    pub store: Arc<dyn Store>,
    /// Hints between processes.
    pub bus: Arc<dyn Bus>,
    /// Configuration.
    pub config: Arc<Config>,
    /// What guards accounts.
    pub guards: Arc<Guards>,
    /// What is measured.
    pub metrics: Arc<Metrics>,
    /// Who waits for which submission.
    pub live: Arc<Live>,
    /// Published courses in memory.
    pub catalogue: Arc<Catalogue>,
    /// Stages of the submissions accepted here.
    pub stages: Arc<Stages>,
    /// Authors' texts as they are shown.
    pub texts: Arc<Texts>,
    /// What is let in.
    pub door: Arc<Door>,
    /// Nodes as they last told of themselves.
    pub nodes: Arc<NodeView>,
    /// Whether the store reads and writes.
    pub store_check: Arc<StoreCheck>,
    /// Becomes true when the service stops: whoever waits ends early.
    stopping: watch::Sender<bool>,
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("App")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Over a store and a bus. Starts no task: [`crate::serve`] does.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, bus: Arc<dyn Bus>, mut config: Config) -> Self {
        config.bound_dialects();
        Self {
            store,
            bus,
            guards: Arc::new(Guards::new(&config.account)),
            config: Arc::new(config),
            metrics: Arc::new(Metrics::new()),
            live: Arc::new(Live::new()),
            catalogue: Arc::new(Catalogue::default()),
            stages: Arc::new(Stages::default()),
            texts: Arc::new(Texts::default()),
            door: Arc::new(Door::default()),
            nodes: Arc::new(NodeView::new()),
            store_check: Arc::new(StoreCheck::default()),
            stopping: watch::Sender::new(false),
        }
    }

    /// Tells everybody who waits that the service stops.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether the service stops.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Returns when the service stops.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives in `self`, so that waiting cannot fail before it is true.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}
