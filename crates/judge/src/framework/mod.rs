//! Unit tests in the frameworks of the languages, so that the result of a
//! test case is what the author's assertion found and nothing else.
//!
//! What is guaranteed for each framework, and what is not, is told in
//! `docs/check-integrity.md`. Frameworks that run beside the learner's code in
//! one process speak through [`transcript`] records on a channel of their own,
//! with the secrets of [`session`]; [`outcome`] decides what counts.

pub mod apart;
mod bats;
mod c;
mod harness;
mod java;
mod junit_xml;
mod outcome;
mod placement;
mod seal;
mod session;
mod tap;
mod transcript;
mod unity;

use crate::case::{UnitOutcome, UnitRequest};
use crate::compile::Compiler;
use crate::error::Error;
use crate::sandboxes::Sandboxes;

/// Every framework id that [`run`] knows.
pub const FRAMEWORKS: [&str; 12] = [
    "unittest",
    "pytest",
    "node_test",
    "jest",
    "c_main",
    "unity",
    "bats",
    "busted",
    "minitest",
    "junit",
    "tap",
    "junit_xml",
];

/// Runs the tests of one unit check and judges what came back.
///
/// # Errors
/// A platform fault, or tests that cannot be used as they are (the author's).
pub fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
    compiler: &Compiler<'_>,
) -> Result<UnitOutcome, Error> {
    match request.unit.framework.as_str() {
        "unittest" | "pytest" if request.unit.apart => apart::run(request, sandboxes),
        "unittest" | "pytest" => harness::run(request, sandboxes, &harness::PYTHON),
        "node_test" | "jest" => harness::run(request, sandboxes, &harness::JAVASCRIPT),
        "busted" => harness::run(request, sandboxes, &harness::LUA),
        "minitest" => harness::run(request, sandboxes, &harness::RUBY),
        "bats" => bats::run(request, sandboxes),
        "c_main" => c::run(request, sandboxes, compiler),
        "unity" => unity::run(request, sandboxes, compiler),
        "junit" => java::run(request, sandboxes, compiler),
        "tap" => tap::run(request, sandboxes),
        "junit_xml" => junit_xml::run(request, sandboxes),
        other => Err(outcome::author_error(
            request,
            &format!(
                "there is no framework `{other}`; known are {}",
                FRAMEWORKS.join(", ")
            ),
        )),
    }
}
