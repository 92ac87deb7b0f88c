//! Every setting of the service, with its unit, bounds, default and meaning.

use super::setting::{Kind, Setting};

const fn number(
    key: &'static str,
    default: &'static str,
    unit: (&'static str, u64, u64),
    about: &'static str,
) -> Setting {
    let (unit, least, most) = unit;
    Setting {
        key,
        kind: Kind::Number { unit, least, most },
        default,
        about,
    }
}

const fn other(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
) -> Setting {
    Setting {
        key,
        kind,
        default,
        about,
    }
}

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 3_600_000;
const DAYS_MOST: u64 = 36_500;

/// Every setting of the service.
pub const TABLE: &[Setting] = &[
    other(
        "listen",
        Kind::List,
        "127.0.0.1:8080",
        "Where to listen: HOST:PORT or unix:PATH. Sockets of the service manager (systemd) go before it.",
    ),
    other(
        "public_url",
        Kind::Address,
        "",
        "Address under which people reach the service, such as https://carrel.example.org. With https, cookies are for secure connections only.",
    ),
    other(
        "log",
        Kind::Text,
        "text",
        "Form of the log on standard error: `text` or `json`.",
    ),
    other(
        "log_filter",
        Kind::Text,
        "info",
        "What is logged, in the syntax of tracing-subscriber, such as `info,carrel_web=debug`.",
    ),
    other(
        "traces.endpoint",
        Kind::Text,
        "",
        "OpenTelemetry collector that gets traces (OTLP over HTTP in JSON, at `/v1/traces` below this address), such as http://127.0.0.1:4318. Empty: no traces.",
    ),
    other(
        "web.user",
        Kind::Text,
        "",
        "User that the web process runs as when started by root. Empty: `carrel` where that user exists, else `nobody`.",
    ),
    number(
        "web.threads",
        "0",
        ("threads", 0, 1_024),
        "Threads that answer requests; 0: one per processor.",
    ),
    number(
        "web.connections_max",
        "4096",
        ("connections", 16, 1_000_000),
        "Most connections at one moment; further ones wait in the kernel.",
    ),
    number(
        "web.waits_max",
        "64",
        ("of one person", 1, 1_000_000),
        "Most live streams and waits for a verdict that one person may have open at once: a stream more is refused (429), a wait more answered at once. Waits of clients of Piston and Judge0 count among them, and one more of those is refused (429). Raise it where one account stands for many people.",
    ),
    number(
        "web.head_timeout_ms",
        "10000",
        ("ms", 100, HOUR_MS),
        "Longest time to send the head of a request.",
    ),
    number(
        "web.body_timeout_ms",
        "30000",
        ("ms", 100, HOUR_MS),
        "Longest silence in the body of a request; on the average it may come no slower than 1 KiB per second beside that.",
    ),
    number(
        "web.drain_ms",
        "20000",
        ("ms", 0, HOUR_MS),
        "Longest time that requests may go on after the web process was told to drain.",
    ),
    other(
        "web.trusted_proxies",
        Kind::List,
        "",
        "Addresses whose X-Forwarded-For is believed; loopback and Unix sockets always are.",
    ),
    other(
        "web.webhooks_to_private_addresses",
        Kind::Flag,
        "false",
        "Send webhooks and callbacks to loopback, private networks and addresses of this machine too.",
    ),
    number(
        "web.webhook_resend_days",
        "3",
        ("days", 0, DAYS_MOST),
        "A webhook that is enabled again is sent what was given up in so many days; 0: nothing.",
    ),
    other(
        "piston.anonymous",
        Kind::Text,
        "",
        "Account under which clients of Piston without a key execute; empty: they are refused.",
    ),
    other(
        "piston.any_version",
        Kind::Flag,
        "false",
        "A version that a client of Piston names and that is not here means the one that is.",
    ),
    number(
        "piston.run_timeout_ms",
        "3000",
        ("ms", 1, 1_200_000),
        "Longest and default wall-clock time of a run for clients of Piston.",
    ),
    number(
        "piston.run_cpu_ms",
        "3000",
        ("ms", 1, 600_000),
        "Longest and default processor time of a run for clients of Piston.",
    ),
    number(
        "piston.output_bytes",
        "1048576",
        ("bytes", 1_024, 64 << 20),
        "Most output of a run for clients of Piston, both streams together.",
    ),
    other(
        "judge0.anonymous",
        Kind::Text,
        "",
        "Account under which clients of Judge0 without a key execute; empty: they are refused.",
    ),
    other(
        "judge0.implicit_base64",
        Kind::Flag,
        "false",
        "Where a client of Judge0 does not say `base64_encoded`, texts are in base64 (as in its versions after 1.13.1).",
    ),
    number(
        "executions.cpu_max_ms",
        "30000",
        ("ms", 1, 600_000),
        "Most processor time that an ad-hoc execution may ask for.",
    ),
    number(
        "executions.wall_max_ms",
        "60000",
        ("ms", 1, 1_200_000),
        "Longest time from start to end that an ad-hoc execution may ask for.",
    ),
    number(
        "executions.memory_max_bytes",
        "2147483648",
        ("bytes", 1 << 20, 64 << 30),
        "Most memory that an ad-hoc execution may ask for.",
    ),
    number(
        "executions.processes_max",
        "256",
        ("processes", 1, 4_096),
        "Most processes and threads that an ad-hoc execution may ask for.",
    ),
    number(
        "executions.output_max_bytes",
        "4194304",
        ("bytes", 1, 256 << 20),
        "Most output, all streams together, that an ad-hoc execution may ask for.",
    ),
    number(
        "executions.disk_max_bytes",
        "536870912",
        ("bytes", 4_096, 16 << 30),
        "Most that the files of an ad-hoc execution may take.",
    ),
    number(
        "admission.target_ms",
        "2000",
        ("ms", 100, HOUR_MS),
        "Time from accept to verdict where a challenge does not say its own.",
    ),
    number(
        "admission.cost_default_ms",
        "300",
        ("ms", 1, HOUR_MS),
        "Expected processor time of work that was never measured.",
    ),
    number(
        "admission.batch_queued_max",
        "10000",
        ("jobs", 1, 10_000_000),
        "Most jobs of the batch band that wait.",
    ),
    number(
        "admission.batch_cost_max_ms",
        "3600000",
        ("ms", 1_000, 1_000 * HOUR_MS),
        "Most processor time of waiting batch jobs of one sender.",
    ),
    number(
        "admission.node_silence_ms",
        "30000",
        ("ms", 2_000, HOUR_MS),
        "How long a worker counts after its last beat: longer than a restart takes.",
    ),
    number(
        "worker.slots",
        "0",
        ("submissions", 0, 4_096),
        "Submissions judged at once; 0: one per processor.",
    ),
    number(
        "worker.spare_percent",
        "25",
        ("percent", 0, 100),
        "Submissions that somebody waits for judged beyond the slots while every slot is held for longer than 500 ms or somebody has waited for more than 0.4 of their target, percent of the slots, one at least; 0: none.",
    ),
    number(
        "worker.drain_ms",
        "5000",
        ("ms", 0, HOUR_MS),
        "Longest time that judging may go on after the worker was told to drain; the rest is given back, or adopted by the next.",
    ),
    other(
        "worker.allow_unrepeatable",
        Kind::Flag,
        "false",
        "Judge in environments that are not the same bits on every machine, such as `host`.",
    ),
    other(
        "worker.allow_missing_layers",
        Kind::Flag,
        "false",
        "Judge even where layers of isolation are missing on this host; every result names them.",
    ),
    other(
        "account.plain_http",
        Kind::Flag,
        "false",
        "Cookies without `Secure`, for plain HTTP on the loopback interface while developing.",
    ),
    number(
        "account.user_per_minute",
        "6000",
        ("requests", 0, 10_000_000),
        "Requests of one person in a minute; 0: no limit.",
    ),
    number(
        "account.token_per_minute",
        "6000",
        ("requests", 0, 10_000_000),
        "Requests with one token in a minute; 0: no limit.",
    ),
    number(
        "account.address_per_minute",
        "600",
        ("requests", 0, 10_000_000),
        "Requests of one address that carry nothing that counts in a minute; 0: no limit.",
    ),
    other(
        "openid.issuer",
        Kind::Text,
        "",
        "OpenID Connect provider to sign in at: its issuer, an https URL; `public_url` is needed too. Empty: none.",
    ),
    other(
        "openid.client_id",
        Kind::Text,
        "",
        "Id of this service as the provider knows it.",
    ),
    other(
        "openid.client_secret_file",
        Kind::Text,
        "",
        "File that holds the secret of this service at the provider; readable by root alone will do. Empty: a public client.",
    ),
    other(
        "openid.create_users",
        Kind::Flag,
        "false",
        "Somebody whom the provider knows and this service does not gets an account; else an operator links accounts.",
    ),
    number(
        "retention.sources_days",
        "0",
        ("days", 0, DAYS_MOST),
        "How long files of submissions are kept; 0: for ever.",
    ),
    number(
        "retention.outputs_days",
        "365",
        ("days", 0, DAYS_MOST),
        "How long outputs, documents and events are kept (verdict and points stay); 0: for ever.",
    ),
    number(
        "retention.executions_days",
        "7",
        ("days", 0, DAYS_MOST),
        "How long ad-hoc executions are kept; 0: for ever.",
    ),
    number(
        "retention.ledger_days",
        "365",
        ("days", 0, DAYS_MOST),
        "How long incidents and the audit log are kept; 0: for ever.",
    ),
    number(
        "retention.attempts_days",
        "0",
        ("days", 0, DAYS_MOST),
        "How long questions and answers of quiz attempts are kept (the grade stays); 0: for ever.",
    ),
    number(
        "supervisor.start_ms",
        "60000",
        ("ms", 1_000, HOUR_MS),
        "Longest time from the start of a child to its being ready.",
    ),
    number(
        "supervisor.stall_ms",
        "15000",
        ("ms", 2_000, HOUR_MS),
        "Silence after which a child is killed and started again.",
    ),
    number(
        "supervisor.drain_grace_ms",
        "5000",
        ("ms", 0, MINUTE_MS),
        "Time given beyond a child's own bound of draining before it is killed.",
    ),
    number(
        "supervisor.backoff_ms",
        "100",
        ("ms", 10, MINUTE_MS),
        "Pause before the second restart of a child in a row; doubled with each further one.",
    ),
    number(
        "supervisor.backoff_most_ms",
        "5000",
        ("ms", 10, HOUR_MS),
        "Longest pause between restarts.",
    ),
    number(
        "supervisor.settled_ms",
        "30000",
        ("ms", 1_000, HOUR_MS),
        "A child that served this long makes earlier failures forgotten.",
    ),
];
