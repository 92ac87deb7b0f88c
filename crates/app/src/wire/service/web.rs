//! The web process: store, bus and settings put together, served until it is told to stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use carrel_bus::local::LocalBus;
use carrel_bus::{Bus, Hint};
use carrel_store::Store;
use carrel_store::sqlite::{Options, SqliteStore};
use carrel_store::upkeep::Retention;
use carrel_web::config::{Admission, Config};
use carrel_web::session::limits::Rates;
use carrel_web::session::openid;
use carrel_web::session::rate::Rate;
use tracing::error;

use super::life::{BEAT, Life};
use crate::config::service::Places;
use crate::config::settings::Settings;
use crate::failure::Failure;
use crate::supervise::listener::Listener;

/// How long the store may take to answer a sign-of-life check; longer is silence.
const CHECK_PATIENCE: Duration = Duration::from_secs(5);
/// How long blocking work may go on at the very end.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// Serves until it is told to stop.
///
/// # Errors
/// The store, the bus or a listener cannot be used.
pub fn run(
    settings: &Settings,
    places: &Places,
    listeners: Vec<Listener>,
    life: Life,
) -> Result<(), Failure> {
    let runtime = runtime(settings.number("web.threads"))?;
    let served = runtime.block_on(serve(settings, places, listeners, life));
    runtime.shutdown_timeout(END_PATIENCE);
    served
}

async fn serve(
    settings: &Settings,
    places: &Places,
    listeners: Vec<Listener>,
    life: Life,
) -> Result<(), Failure> {
    let shutdown = life
        .shutdown()
        .map_err(|error| platform("receiving signals", error))?;
    let bus = open_bus(places)?;
    let store = open_store(places, &bus)?;
    let app = carrel_web::App::new(Arc::clone(&store), bus, config(settings, places)?);
    let listeners = listeners
        .into_iter()
        .map(convert)
        .collect::<io::Result<Vec<_>>>();
    let listeners =
        listeners.map_err(|error| platform("taking over the listening sockets", error))?;
    let beating = tokio::spawn(beat(store, life.clone()));
    life.ready();
    carrel_web::serve(listeners, app, shutdown).await;
    beating.abort();
    Ok(())
}

/// A runtime of the service.
///
/// # Errors
/// Of the kernel.
pub fn runtime(threads: u64) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = usize::try_from(threads).ok().filter(|threads| *threads > 0) {
        builder.worker_threads(threads);
    }
    builder
        .enable_all()
        .build()
        .map_err(|error| platform("starting the runtime", error))
}

/// Opens the database; workers are told over the bus of jobs that can be claimed.
///
/// # Errors
/// It cannot be used; a newer version of this program wrote it.
pub fn open_store(places: &Places, bus: &Arc<dyn Bus>) -> Result<Arc<dyn Store>, Failure> {
    let path = places.database();
    let bus = Arc::clone(bus);
    let options = Options {
        queued: Some(Arc::new(move || bus.send(&Hint::Job))),
        ..Options::default()
    };
    match SqliteStore::open(&path, options) {
        Ok(store) => Ok(Arc::new(store)),
        Err(error @ carrel_store::Error::TooNew { .. }) => Err(Failure::not_ready(error)
            .hint("use the version of carrel that wrote it, or restore a backup")),
        Err(error) => Err(Failure::platform(
            anyhow::Error::new(error).context(format!("opening the database `{}`", path.display())),
        )),
    }
}

/// Joins the bus.
///
/// # Errors
/// Its directory cannot be used.
pub fn open_bus(places: &Places) -> Result<Arc<dyn Bus>, Failure> {
    let directory = places.bus();
    let bus = LocalBus::open(&directory);
    let bus = bus
        .map_err(|error| platform(&format!("joining the bus `{}`", directory.display()), error))?;
    Ok(Arc::new(bus))
}

/// Tells a failure of ours.
pub(super) fn platform(
    doing: &str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Failure {
    Failure::platform(anyhow::Error::new(error).context(doing.to_owned()))
}

fn convert(listener: Listener) -> io::Result<carrel_web::Listener> {
    Ok(match listener {
        Listener::Tcp(listener) => {
            listener.set_nonblocking(true)?;
            carrel_web::Listener::Tcp(tokio::net::TcpListener::from_std(listener)?)
        }
        Listener::Unix(listener) => {
            listener.set_nonblocking(true)?;
            carrel_web::Listener::Unix(tokio::net::UnixListener::from_std(listener)?)
        }
    })
}

/// Tells every second that the work goes on, for as long as it does: the store
/// is asked by this runtime, so that neither can hang unnoticed.
pub(super) async fn beat(store: Arc<dyn Store>, life: Life) {
    loop {
        match tokio::time::timeout(CHECK_PATIENCE, store.check()).await {
            Ok(Ok(())) => life.alive(None),
            Ok(Err(error)) => life.alive(Some(format!("{:#}", anyhow::Error::new(error)))),
            // Silence: the supervisor starts this process again.
            Err(_) => error!("the store does not answer"),
        }
        tokio::time::sleep(BEAT).await;
    }
}

fn config(settings: &Settings, places: &Places) -> Result<Config, Failure> {
    let number = |key: &str| settings.number(key);
    let days = |key: &str| {
        settings
            .number_or_none(key)
            .and_then(|days| u32::try_from(days).ok())
    };
    let proxies = settings.texts("web.trusted_proxies");
    let proxies = proxies.iter().map(|text| {
        text.parse().map_err(|_| {
            Failure::usage(format!(
                "`web.trusted_proxies`: `{}` is no address",
                text.escape_debug()
            ))
        })
    });
    let mut config = Config::new(places.service.clone());
    config.public_url = settings.text("public_url");
    config.traces = settings
        .text("traces.endpoint")
        .is_some_and(|url| !url.is_empty());
    config.connections_max = usize::try_from(number("web.connections_max")).unwrap_or(usize::MAX);
    config.waits_max = u32::try_from(number("web.waits_max")).unwrap_or(u32::MAX);
    config.head_timeout_ms = number("web.head_timeout_ms");
    config.body_timeout_ms = number("web.body_timeout_ms");
    config.drain_ms = number("web.drain_ms");
    config.trusted_proxies = proxies.collect::<Result<_, _>>()?;
    config.webhooks_to_private_addresses = settings.flag("web.webhooks_to_private_addresses");
    config.webhook_resend_days =
        u32::try_from(number("web.webhook_resend_days")).unwrap_or(u32::MAX);
    set_dialects(&mut config, settings);
    set_executions(&mut config, settings);
    config.admission = Admission {
        target_ms: number("admission.target_ms"),
        cost_default_ms: precise(number("admission.cost_default_ms")),
        batch_queued_max: number("admission.batch_queued_max"),
        batch_cost_ms_max: precise(number("admission.batch_cost_max_ms")),
        node_silence_ms: number("admission.node_silence_ms"),
    };
    config.account = account(settings)?;
    config.retention = Retention {
        sources_days: days("retention.sources_days"),
        outputs_days: days("retention.outputs_days"),
        executions_days: days("retention.executions_days"),
        ledger_days: days("retention.ledger_days"),
        attempts_days: days("retention.attempts_days"),
    };
    Ok(config)
}

/// Most that ad-hoc executions may ask for.
fn set_executions(config: &mut Config, settings: &Settings) {
    let limits = &mut config.execution_limits;
    limits.cpu_ms = settings.number("executions.cpu_max_ms");
    limits.wall_ms = settings.number("executions.wall_max_ms");
    limits.memory_bytes = settings.number("executions.memory_max_bytes");
    limits.processes = settings.number("executions.processes_max");
    limits.output_bytes = settings.number("executions.output_max_bytes");
    limits.disk_bytes = settings.number("executions.disk_max_bytes");
}

/// What clients of other services find.
fn set_dialects(config: &mut Config, settings: &Settings) {
    config.piston.anonymous = settings.text("piston.anonymous");
    config.piston.any_version = settings.flag("piston.any_version");
    config.piston.run_timeout_ms = settings.number("piston.run_timeout_ms");
    config.piston.run_cpu_ms = settings.number("piston.run_cpu_ms");
    config.piston.output_bytes = settings.number("piston.output_bytes");
    config.judge0.anonymous = settings.text("judge0.anonymous");
    config.judge0.implicit_base64 = settings.flag("judge0.implicit_base64");
}

fn account(settings: &Settings) -> Result<carrel_web::account::Config, Failure> {
    let rate =
        |key: &str| Rate::per_minute(u32::try_from(settings.number(key)).unwrap_or(u32::MAX));
    let mut account = carrel_web::account::Config::default();
    account.plain_http = settings.flag("account.plain_http");
    account.rates = Rates {
        user: rate("account.user_per_minute"),
        token: rate("account.token_per_minute"),
        address: rate("account.address_per_minute"),
    };
    account.openid = provider(settings)?;
    Ok(account)
}

/// Where people sign in elsewhere, if they do. What would only show at the first who tries is
/// told at the start.
fn provider(settings: &Settings) -> Result<Option<openid::Settings>, Failure> {
    let Some(issuer) = settings.text("openid.issuer") else {
        return Ok(None);
    };
    if !openid::is_secure(&issuer) {
        let issuer = issuer.escape_debug();
        return Err(Failure::usage(format!(
            "`openid.issuer`: `{issuer}` is no address with https://"
        )));
    }
    let needs = |key: &str| {
        let needed = settings.text(key);
        needed.ok_or_else(|| Failure::usage(format!("`openid.issuer` is set and `{key}` is not")))
    };
    needs("public_url")?;
    Ok(Some(openid::Settings {
        client_id: needs("openid.client_id")?,
        issuer,
        client_secret: settings
            .secret("openid.client_secret_file")
            .map(str::to_owned),
        create_users: settings.flag("openid.create_users"),
    }))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bounded settings, far below 2^53"
)]
fn precise(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::service;

    #[test]
    fn settings_reach_the_web() {
        let mut settings = service::defaults().unwrap();
        settings.set("admission.target_ms=700").unwrap();
        settings.set("retention.executions_days=0").unwrap();
        settings.set("web.trusted_proxies=10.0.0.1").unwrap();
        settings.set("web.webhook_resend_days=0").unwrap();
        let places = Places {
            service: "/s/service".into(),
            run: "/r".into(),
        };
        let made = config(&settings, &places).unwrap();
        assert_eq!(made.admission.target_ms, 700);
        assert_eq!(made.webhook_resend_days, 0);
        assert_eq!(made.retention.executions_days, None);
        assert_eq!(made.retention.outputs_days, Some(365));
        assert_eq!(made.trusted_proxies.len(), 1);
        settings.set("web.trusted_proxies=here").unwrap();
        assert!(config(&settings, &places).is_err());
    }

    #[test]
    fn a_provider_is_whole_or_refused() {
        let mut settings = service::defaults().unwrap();
        assert!(provider(&settings).unwrap().is_none());
        for (assignment, lacking) in [
            ("openid.issuer=http://id.example.org", "https://"),
            ("openid.issuer=https://id.example.org", "`public_url`"),
            (
                "public_url=https://carrel.example.org",
                "`openid.client_id`",
            ),
        ] {
            settings.set(assignment).unwrap();
            let refused = provider(&settings).unwrap_err().error.to_string();
            assert!(refused.contains(lacking), "{assignment}: {refused}");
        }
        settings.set("openid.client_id=carrel").unwrap();
        assert!(provider(&settings).unwrap().is_some());
    }
}
