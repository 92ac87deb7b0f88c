//! The judge over the environments of this host.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use carrel_image::definition::HOST;
use carrel_judge::environment::Environments;
use carrel_judge::{CompileCache, Judge, KeeperPool, Submission};
use carrel_model::challenge::Challenge;
use carrel_model::execution::{ExecutionRequest, ExecutionResult};
use carrel_model::result::{EnvironmentUsed, TestResult};
use carrel_model::{ResultDocument, Verdict};
use carrel_sandbox::Keeper;

use super::environments;
use crate::audit::Expectation;
use crate::cli::Session;
use crate::config::state::COMPILE_CACHE_BYTES_MAX;
use crate::exit_code;
use crate::failure::Failure;
use crate::submission::Files;

/// Whose eyes a result is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum View {
    /// A learner: what checks hide stays hidden.
    #[default]
    Learner,
    /// The author: everything.
    Author,
}

impl View {
    /// The view at a time: before the due date, or after it.
    #[must_use]
    pub fn at(self, after_due: bool) -> carrel_judge::view::View {
        match self {
            Self::Author => carrel_judge::view::View::Author,
            Self::Learner => carrel_judge::view::View::Learner { after_due },
        }
    }
}

/// What the operator allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgingOptions {
    /// Environments that are not the same bits on every machine.
    pub allow_unrepeatable: bool,
    /// Hosts without some layer of isolation.
    pub allow_missing_layers: bool,
    /// Build what is missing first.
    pub build: bool,
}

/// One submission.
#[derive(Debug, Clone)]
pub struct Request {
    /// Files by path in the work directory.
    pub files: Files,
    /// Step up to which it is judged; `None`: all.
    pub step: Option<String>,
    /// Failed submissions so far.
    pub failures: u32,
    /// Whose eyes the result is for.
    pub view: carrel_judge::view::View,
}

/// Environments of the store and the host, opened once and held as long as this lives.
#[derive(Debug)]
struct HeldEnvironments {
    held: BTreeMap<String, carrel_image::Environment>,
}

impl HeldEnvironments {
    fn get(&self, name: &str) -> Result<&carrel_image::Environment, carrel_judge::Error> {
        self.held.get(name).ok_or_else(|| {
            carrel_judge::Error::Environment(format!("environment `{name}` was not opened"))
        })
    }
}

impl Environments for HeldEnvironments {
    fn describe(&self, name: &str) -> Result<EnvironmentUsed, carrel_judge::Error> {
        let environment = self.get(name)?;
        Ok(EnvironmentUsed {
            name: environment.name.clone(),
            digest: environment.digest.clone(),
            repeatable: environment.repeatable,
        })
    }

    fn open(
        &self,
        name: &str,
    ) -> Result<carrel_judge::environment::Environment, carrel_judge::Error> {
        let environment = self.get(name)?;
        let root = environments::root_of(environment).map_err(|error| {
            let text = format!(
                "opening environment `{name}`: {:#}",
                anyhow::Error::new(error)
            );
            carrel_judge::Error::Environment(text)
        })?;
        Ok(carrel_judge::environment::Environment {
            root,
            variables: environment.variables.clone().into_iter().collect(),
        })
    }
}

/// Judges submissions; used by several threads at once.
#[derive(Debug)]
pub struct Judging {
    environments: Arc<HeldEnvironments>,
    pool: KeeperPool,
    cache: CompileCache,
    options: JudgingOptions,
}

impl Judging {
    /// Opens the store and the environments; builds what is missing where the options say so.
    ///
    /// # Errors
    /// An environment is missing or refused, with the way out.
    pub fn start(
        session: &mut Session,
        needed: &Needed<'_>,
        options: JudgingOptions,
    ) -> Result<Self, Failure> {
        let store = environments::open(&session.state, crate::config::mirror::resolve(None)?)?;
        let mut held = BTreeMap::new();
        for (name, challenge) in needed {
            let terminal = &mut session.terminal;
            let environment =
                environments::ensure(&store, name, Some(challenge), options.build, terminal)?;
            if !environment.repeatable && !options.allow_unrepeatable {
                return Err(refuse_unrepeatable(name));
            }
            held.insert(name.clone(), environment);
        }
        let environments = Arc::new(HeldEnvironments { held });
        let keeper_options = environments::keeper_options(options.allow_missing_layers)?;
        let idle_max = std::thread::available_parallelism().map_or(2, |count| count.get() * 2);
        let shared: Arc<dyn Environments> = Arc::clone(&environments) as _;
        let pool = KeeperPool::new(shared, keeper_options, idle_max);
        let cache = CompileCache::open(&session.state.compile_cache(), COMPILE_CACHE_BYTES_MAX)
            .map_err(failure)?;
        Ok(Self {
            environments,
            pool,
            cache,
            options,
        })
    }

    /// Judges one submission; the observer gets each check's results as they come.
    ///
    /// # Errors
    /// A file that may not be sent, a challenge that cannot be judged as it is
    /// written, or a host that lacks a layer of isolation.
    pub fn judge(
        &self,
        challenge: &Challenge,
        request: Request,
        observer: &mut dyn FnMut(&TestResult),
    ) -> Result<ResultDocument, Failure> {
        let view = request.view;
        let submission = Submission {
            files: request.files,
            step: request.step,
            failures: request.failures,
            view,
        };
        let judge = Judge::new(self.environments.as_ref(), &self.pool, &self.cache);
        let document = judge
            .judge(challenge, &submission, observer)
            .map_err(failure)?;
        if document.verdict == Verdict::PlatformFault {
            self.refuse_missing_layers(&challenge.environment)?;
        }
        Ok(document)
    }

    /// Compiles and runs a program, without a verdict.
    ///
    /// # Errors
    /// It cannot be run as it is asked for, or the host lacks a layer of isolation.
    pub fn execute(&self, request: &ExecutionRequest) -> Result<ExecutionResult, Failure> {
        let judge = Judge::new(self.environments.as_ref(), &self.pool, &self.cache);
        let result = judge.execute(request).map_err(failure)?;
        if result.platform_fault.is_some() {
            self.refuse_missing_layers(&result.environment.name)?;
        }
        Ok(result)
    }

    /// A fault because this host lacks layers is told as that, with the way out.
    fn refuse_missing_layers(&self, environment: &str) -> Result<(), Failure> {
        if self.options.allow_missing_layers {
            return Ok(());
        }
        let root = self.environments.open(environment).map_err(failure)?.root;
        match Keeper::start(root, &environments::keeper_options(false)?) {
            Err(error @ carrel_sandbox::Error::MissingLayers(_)) => {
                Err(environments::sandbox_failure(error))
            }
            _ => Ok(()),
        }
    }
}

/// The refusal of an environment that is not the same bits everywhere.
#[must_use]
pub fn refuse_unrepeatable(name: &str) -> Failure {
    Failure::not_ready(anyhow::anyhow!(
        "environment `{name}` is not the same bits on every machine, so no verdict should rest on it"
    ))
    .hint("allow it with --allow-unrepeatable, or name a built environment")
}

/// Whose turn it is when the judge reached no verdict.
fn failure(error: carrel_judge::Error) -> Failure {
    use carrel_judge::Error;
    let exit_code = match &error {
        Error::Submission(_) => exit_code::USAGE,
        Error::Challenge { .. } | Error::Unread { .. } => exit_code::BAD_CHALLENGE,
        Error::Environment(_) | Error::Command(_) => exit_code::NOT_READY,
        Error::Sandbox { .. } | Error::File { .. } | Error::Cancelled => exit_code::PLATFORM_FAULT,
    };
    Failure::new(exit_code, error)
}

/// Names of environments, each with the directory of a challenge that needs it.
pub type Needed<'a> = BTreeMap<String, &'a Path>;

/// The environment that a language has where nothing else is said; `None`: there is no such language.
#[must_use]
pub fn environment_of_language(id: &str) -> Option<String> {
    carrel_judge::language::find(id).map(|language| language.environment.clone())
}

/// What a program of one file is called, so that its language takes it.
#[must_use]
pub fn source_file_name(language: &str) -> String {
    let ending = carrel_judge::language::find(language)
        .and_then(|language| language.extensions.first())
        .map_or("txt", String::as_str);
    // A public class of Java stands in a file of its name.
    let stem = if language == "java" { "Main" } else { "main" };
    format!("{stem}.{ending}")
}

/// The challenge as it is judged for a declared submission: in the language
/// that the submission is written in, with its main file.
///
/// Another language is judged in its stock environment, but where the challenge
/// takes the host's own runtimes it takes them for every language.
///
/// # Errors
/// There is no such language.
pub fn challenge_for<'a>(
    challenge: &'a Challenge,
    expectation: &Expectation,
) -> Result<Cow<'a, Challenge>, Failure> {
    let mut suited = Cow::Borrowed(challenge);
    if let Some(id) = &expectation.language
        && *id != challenge.language
    {
        let language = carrel_judge::language::find(id).ok_or_else(|| {
            Failure::bad_challenge(anyhow::anyhow!(
                "submission `{}` of `{}` is in the language `{id}`, which is not known",
                expectation.name,
                challenge.id
            ))
        })?;
        let environment = match challenge.environment.as_str() {
            HOST => HOST,
            _ => &language.environment,
        };
        suited = Cow::Owned(challenge.in_language(id, environment));
    }
    let absent = |entry: &String| !expectation.files.contains_key(entry);
    if expectation.entry.is_some() {
        suited.to_mut().entry.clone_from(&expectation.entry);
    } else if suited.entry.as_ref().is_some_and(absent) {
        // It names its file as it likes: its first source is the main one.
        suited.to_mut().entry = None;
    }
    Ok(suited)
}

/// The document as JUnit XML.
#[must_use]
pub fn junit(document: &ResultDocument) -> String {
    carrel_judge::report_format::junit::write(document)
}

/// The document as CTRF.
#[must_use]
pub fn ctrf(document: &ResultDocument) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let start = now.saturating_sub(Duration::from_secs_f64(
        (document.duration_ms / 1e3).max(0.0),
    ));
    let start_ms = u64::try_from(start.as_millis()).unwrap_or(u64::MAX);
    carrel_judge::report_format::ctrf::write(document, start_ms).to_string()
}
