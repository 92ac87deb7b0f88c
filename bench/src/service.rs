//! The whole service under load: latency to the verdict, saturation, overload, deaths, growth.

mod crash;
mod every;
mod growth;
mod load;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use carrel_e2e::course::without_prerequisites;
use carrel_e2e::work::Mix;
use carrel_e2e::{People, Server};

pub(crate) use crash::measure as crash;
pub(crate) use growth::measure as growth;
pub(crate) use load::measure as load;

/// Learners who submit: enough that no rate limit of one person is the measure.
const LEARNERS: usize = 40;

/// Words of the command line.
#[derive(Debug, Clone)]
pub(crate) struct Words(pub(crate) Vec<String>);

impl Words {
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|word| word == flag)
    }

    pub(crate) fn value(&self, flag: &str) -> Option<&str> {
        let at = self.0.iter().position(|word| word == flag)?;
        self.0.get(at + 1).map(String::as_str)
    }

    pub(crate) fn number(&self, flag: &str, default: usize) -> anyhow::Result<usize> {
        match self.value(flag) {
            Some(text) => text.parse().with_context(|| format!("`{flag} {text}`")),
            None => Ok(default),
        }
    }
}

/// A service with a course and people, as the measurements need it.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) people: People,
    pub(crate) mix: Mix,
    /// The course that it serves.
    _course: tempfile::TempDir,
}

impl World {
    /// Starts it: `--mix light` (bash and SQL only), `--course DIR` (the sample course), `--state DIR` that has the environments
    /// (built where they are missing).
    pub(crate) fn start(words: &Words) -> anyhow::Result<Self> {
        let copy =
            without_prerequisites(&words.value("--course").map_or_else(sample, PathBuf::from))?;
        let course = copy.path();
        let program = program()?;
        let loaded = carrel_course::course::load(course)
            .map_err(|problems| anyhow::anyhow!("reading the course: {problems}"))?;
        let course_text = course.display().to_string();
        // Rate limits of people are not what is measured.
        let arguments = [
            "--course",
            &course_text,
            "--build",
            "--set",
            "log_filter=warn",
            "--set",
            "account.user_per_minute=0",
            "--set",
            "account.token_per_minute=0",
        ];
        let state = words.value("--state").map(PathBuf::from);
        let mut mix = Mix::load(course)?;
        match words.value("--mix") {
            Some("light") => mix = mix.light()?,
            None | Some("sample") => {}
            Some(other) => anyhow::bail!("`--mix {other}`: `sample` or `light`"),
        }
        let server = Server::start_in(&program, &arguments, state.as_deref())?;
        let people = People::add(&server, &loaded.id, LEARNERS)?;
        Ok(Self {
            server,
            people,
            mix,
            _course: copy,
        })
    }
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../courses/sample")
}

/// How long a campaign may take: `--minutes N`, else a day.
pub(crate) fn minutes(words: &Words) -> anyhow::Result<Duration> {
    let minutes = words.number("--minutes", 24 * 60)?;
    Ok(Duration::from_secs(minutes as u64 * 60))
}

/// `carrel` beside this program.
fn program() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let program = own.with_file_name("carrel");
    anyhow::ensure!(
        program.exists(),
        "`{}` is missing; build it: cargo build --release -p carrel",
        program.display()
    );
    Ok(program)
}

/// A runtime for the clients.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}
