//! Which crate may know which: docs/architecture.md §2. A new arrow is a design change.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

/// Crate, and the crates of the workspace that it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("carrel-fuzz", &[]),
    ("carrel-markdown", &[]),
    ("carrel-model", &[]),
    ("carrel-sandbox", &[]),
    ("carrel-image", &["carrel-model"]),
    (
        "carrel-course",
        &["carrel-markdown", "carrel-model", "carrel-quiz"],
    ),
    ("carrel-quiz", &["carrel-model"]),
    ("carrel-exchange", &["carrel-model", "carrel-quiz"]),
    (
        "carrel-judge",
        &[
            "carrel-course",
            "carrel-image",
            "carrel-model",
            "carrel-quiz",
            "carrel-sandbox",
        ],
    ),
    ("carrel-store", &["carrel-model"]),
    ("carrel-bus", &["carrel-model"]),
    ("carrel-api", &["carrel-model", "carrel-quiz"]),
    (
        "carrel-web",
        &[
            "carrel-api",
            "carrel-bus",
            "carrel-course",
            "carrel-exchange",
            "carrel-markdown",
            "carrel-model",
            "carrel-quiz",
            "carrel-store",
        ],
    ),
    (
        "carrel-worker",
        &[
            "carrel-bus",
            "carrel-course",
            "carrel-judge",
            "carrel-model",
            "carrel-sandbox",
            "carrel-store",
        ],
    ),
    (
        "carrel",
        &[
            "carrel-api",
            "carrel-bus",
            "carrel-course",
            "carrel-e2e",
            "carrel-exchange",
            "carrel-image",
            "carrel-judge",
            "carrel-model",
            "carrel-quiz",
            "carrel-sandbox",
            "carrel-store",
            "carrel-web",
            "carrel-worker",
        ],
    ),
    ("carrel-e2e", &["carrel-course", "carrel-model"]),
    (
        "xtask",
        &[
            "carrel",
            "carrel-api",
            "carrel-course",
            "carrel-model",
            "carrel-web",
        ],
    ),
    (
        "carrel-bench",
        &[
            "carrel-bus",
            "carrel-course",
            "carrel-e2e",
            "carrel-exchange",
            "carrel-image",
            "carrel-judge",
            "carrel-model",
            "carrel-quiz",
            "carrel-sandbox",
            "carrel-store",
        ],
    ),
];

/// Crates that no crate of ours may pull in, but the named ones, and why.
const BANNED: [(&str, &[&str], &str); 2] = [
    (
        "tokio",
        &[
            "carrel",
            "carrel-bench",
            "carrel-bus",
            "carrel-e2e",
            "carrel-store",
            "carrel-web",
            "carrel-worker",
        ],
        "sandbox and judge are blocking code",
    ),
    ("openssl-sys", &[], "rustls is our TLS"),
];

pub(crate) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let metadata = read_metadata(root)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata has no packages")?;
    Ok(find_wrong(packages))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a chore asks cargo and knows where it is"
)]
fn read_metadata(root: &Path) -> anyhow::Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .context("running cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    serde_json::from_slice(&output.stdout).context("reading cargo metadata")
}

fn find_wrong(packages: &[Value]) -> Vec<String> {
    let name_of = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let ours: Vec<String> = packages.iter().map(name_of).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = name_of(package);
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            problems.push(format!(
                "crate `{name}` is not in the table of arrows; add it with its reason"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let target = name_of(dependency);
            // Tests of any crate may be fed damaged inputs.
            let feeds_tests = target == "carrel-fuzz" && dependency["kind"] == "dev";
            if ours.contains(&target) && !feeds_tests && !allowed.contains(&target.as_str()) {
                problems.push(format!("crate `{name}` must not know `{target}`"));
            }
            let banned = BANNED
                .iter()
                .find(|(banned, users, _)| *banned == target && !users.contains(&name.as_str()));
            if let Some((_, _, reason)) = banned {
                problems.push(format!("crate `{name}` must not use `{target}`: {reason}"));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wrong_arrow_and_an_unknown_crate_are_told() {
        let packages = [
            json!({"name": "carrel-sandbox", "dependencies": [{"name": "carrel-model"}, {"name": "libc"}]}),
            json!({"name": "carrel-model", "dependencies": [{"name": "tokio"}, {"name": "carrel-fuzz", "kind": "dev"}]}),
            json!({"name": "carrel-fuzz", "dependencies": []}),
            json!({"name": "carrel-new", "dependencies": []}),
        ];
        let problems = find_wrong(&packages);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("`carrel-sandbox` must not know `carrel-model`"));
    }
}
