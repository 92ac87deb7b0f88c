//! Environments that work needs, and whether a node has them.

use std::collections::{BTreeMap, BTreeSet};

use carrel_api::Code;
use carrel_course::course::Course;
use carrel_store::PageRequest;
use carrel_store::course::CourseVersion;
use carrel_store::node::{NodeOrders, NodeRow};
use carrel_store::page::PAGE_MAX;
use carrel_store::submission::Work;

use crate::app::App;
use crate::problem::{Problem, Result};

/// Key of the names of environments among the contents of a version.
pub const ENVIRONMENTS: &str = "environments";
/// Courses that are looked through at most for what no node has.
const COURSES_MAX: usize = 10_000;
/// When to come back: an environment is built in minutes, by a person.
const RETRY_MS: u64 = 60_000;
/// How far back a node may have told of an environment for its name to be no mistake,
/// milliseconds: a year.
const KNOWN_WITHIN_MS: u64 = 365 * 24 * 3_600 * 1_000;
/// Environments that every installation can build, and the host itself.
const STOCK: [&str; 13] = [
    "bash", "c", "cpp", "go", "host", "java", "lua", "node", "php", "python", "ruby", "rust",
    "sqlite",
];

/// Refuses work that no node could begin, with words for its sender.
///
/// # Errors
/// [`Code::NoEnvironment`].
pub async fn require(app: &App, work: &Work) -> Result<()> {
    match work {
        Work::Challenge(work) => {
            let course = app.catalogue.course(app, &work.course_version).await?;
            let mut challenges = course.challenges.iter();
            match challenges.find(|known| known.id == work.challenge) {
                Some(challenge) => require_for(app, challenge).await,
                // One that is not there is the worker's to tell.
                None => Ok(()),
            }
        }
        // Which languages can be run without a name is looked at before.
        Work::Execution(request) => {
            let needed = request.environment.iter().cloned().collect();
            let had = require_all(app, &needed, "this program asks for").await;
            if let Err(problem) = &had
                && problem.code() == Code::NoEnvironment
            {
                refuse_unknown(app, &needed).await?;
            }
            had
        }
    }
}

/// Refuses what no node could judge of a challenge.
///
/// # Errors
/// [`Code::NoEnvironment`].
pub async fn require_for(app: &App, challenge: &carrel_model::Challenge) -> Result<()> {
    require_all(app, &challenge.environments(), "this challenge needs").await
}

async fn require_all(app: &App, needed: &BTreeSet<String>, what: &str) -> Result<()> {
    let rows = app.nodes.rows(app).await?;
    let working = rows.iter().filter(|row| row.orders == NodeOrders::Work);
    let working: Vec<&NodeRow> = working.collect();
    if working.is_empty() {
        // Whether anything can be judged at all is told otherwise.
        return Ok(());
    }
    let missing = lacking(&working, needed);
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "no worker has {}, which {what}; that is for those who run this service to mend, \
         not a fault of yours; nothing was kept, so try again later",
        name_all(&missing)
    );
    Err(Problem::new(Code::NoEnvironment, detail).with_retry_after(RETRY_MS))
}

/// A name that nobody ever had is the sender's mistake.
async fn refuse_unknown(app: &App, missing: &BTreeSet<String>) -> Result<()> {
    let rows = app.store.nodes(KNOWN_WITHIN_MS).await?;
    let told = rows.iter().flat_map(|row| row.report.environments.iter());
    let known: BTreeSet<&str> = told.map(|(name, _)| name.as_str()).collect();
    let is_unknown = |name: &&String| {
        let name = name.as_str();
        !STOCK.contains(&name) && !known.contains(name)
    };
    let Some(unknown) = missing.iter().find(is_unknown) else {
        return Ok(());
    };
    let here = app.nodes.rows(app).await?;
    let here = here.iter().flat_map(|row| row.report.environments.iter());
    let here: BTreeSet<&str> = here.map(|(name, _)| name.as_str()).collect();
    let here: Vec<&str> = here.into_iter().collect();
    let message = format!(
        "there is no environment `{unknown}`; there are: {}",
        here.join(", ")
    );
    Err(Problem::field("environment", message))
}

/// One or several environments, in a sentence.
fn name_all(names: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let noun = if quoted.len() == 1 {
        "environment"
    } else {
        "environments"
    };
    format!("the {noun} {}", quoted.join(", "))
}

/// Of environments that are needed together, those that no node has; all of them where each is
/// had by some node, and no node has all.
fn lacking(rows: &[&NodeRow], needed: &BTreeSet<String>) -> BTreeSet<String> {
    let had: Vec<BTreeSet<&str>> = rows
        .iter()
        .map(|row| {
            let environments = row.report.environments.iter();
            environments.map(|(name, _)| name.as_str()).collect()
        })
        .collect();
    let has_all = |names: &BTreeSet<&str>| needed.iter().all(|name| names.contains(name.as_str()));
    if needed.is_empty() || had.iter().any(has_all) {
        return BTreeSet::new();
    }
    let nowhere = needed
        .iter()
        .filter(|name| !had.iter().any(|names| names.contains(name.as_str())));
    let nowhere: BTreeSet<String> = nowhere.cloned().collect();
    if nowhere.is_empty() {
        needed.clone()
    } else {
        nowhere
    }
}

/// Environments that challenges and projects of a course need and that no node has now.
///
/// # Errors
/// Nodes cannot be read.
pub async fn missing_for(app: &App, course: &Course) -> Result<Vec<String>> {
    let rows = app.nodes.rows(app).await?;
    let rows: Vec<&NodeRow> = rows.iter().collect();
    let challenges = course.challenges.iter();
    let of_challenges = challenges.map(carrel_model::Challenge::environments);
    let projects = course.projects.iter();
    let of_projects = projects.map(|project| BTreeSet::from([project.environment.clone()]));
    let needed = of_challenges.chain(of_projects);
    let missing: BTreeSet<String> = needed.flat_map(|names| lacking(&rows, &names)).collect();
    Ok(missing.into_iter().collect())
}

/// The environments that challenges of a course name, for the contents of its version. Those of
/// projects are left out: no work is refused for want of one, so nobody has to be called.
#[must_use]
pub fn named_by(course: &Course) -> BTreeSet<String> {
    let challenges = course.challenges.iter();
    challenges
        .flat_map(carrel_model::Challenge::environments)
        .collect()
}

/// Environments that no node has now, with the courses whose present version names them.
///
/// # Errors
/// Courses or nodes cannot be read.
pub async fn missing_for_courses(app: &App) -> Result<BTreeMap<String, Vec<String>>> {
    let rows = app.nodes.rows(app).await?;
    let rows: Vec<&NodeRow> = rows.iter().collect();
    if rows.is_empty() {
        // That there is no node at all is told otherwise.
        return Ok(BTreeMap::new());
    }
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut after = None;
    let mut looked_at = 0;
    while looked_at < COURSES_MAX {
        let request = PageRequest {
            after: after.take(),
            limit: PAGE_MAX,
        };
        let page = app.store.courses(request).await?;
        looked_at += page.items.len();
        for version in page.items {
            for name in named(app, &version).await? {
                if !lacking(&rows, &BTreeSet::from([name.clone()])).is_empty() {
                    missing
                        .entry(name)
                        .or_default()
                        .push(version.course.clone());
                }
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(missing)
}

/// What a version names; one that was published before that was noted is read.
async fn named(app: &App, version: &CourseVersion) -> Result<BTreeSet<String>> {
    if let Some(noted) = version.contents.get(ENVIRONMENTS) {
        return Ok(serde_json::from_value(noted.clone()).unwrap_or_default());
    }
    let course = app.catalogue.course(app, &version.digest).await?;
    Ok(named_by(&course))
}
