//! Commands that run inside a tree while it is built, run in sandboxes like everything else.

use std::path::Path;

use carrel_image::trigger::{Collected, Request, Response, TriggerRunner};
use carrel_sandbox::{
    CollectedContent, Ending, FileInput, Keeper, KeeperOptions, Limits, Report, Root, Spec,
};

use super::environments::keeper_options;
use crate::failure::Failure;

/// Most bytes that a trigger may leave.
const COLLECT_BYTES_MAX: u64 = 1 << 30;

/// Runs triggers in fresh sandboxes.
#[derive(Debug)]
pub struct SandboxRunner {
    options: KeeperOptions,
}

impl SandboxRunner {
    /// A runner of this process. Triggers are programs of signed packages, so a
    /// missing layer is no reason not to build.
    ///
    /// # Errors
    /// The path of this program is not known.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self {
            options: keeper_options(true)?,
        })
    }
}

impl TriggerRunner for SandboxRunner {
    fn run(
        &self,
        root: &Path,
        request: &Request,
    ) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
        // A keeper of its own each time: the tree may have changed since the last one.
        let mut keeper = Keeper::start(Root::Directory(root.to_owned()), &self.options)?;
        let report = keeper.run(spec(request))?;
        response(report)
    }
}

fn spec(request: &Request) -> Spec {
    let mut spec = Spec::new(request.argv.clone());
    spec.environment.clone_from(&request.environment);
    spec.files = request
        .files
        .iter()
        .map(|(path, content)| FileInput {
            path: path.clone(),
            content: content.clone(),
            executable: false,
            writable: true,
        })
        .collect();
    spec.limits = Limits {
        cpu_ms: 600_000,
        wall_ms: 1_200_000,
        memory_bytes: 4 << 30,
        processes: 512,
        output_bytes: 16 << 20,
        file_bytes: 1 << 30,
        disk_bytes: 2 << 30,
        inodes: 500_000,
        open_files: 1_024,
        cpu_rate_milli: 64_000,
        ..Limits::default()
    };
    spec.collect.clone_from(&request.collect);
    spec.collect_bytes_max = COLLECT_BYTES_MAX;
    spec
}

fn response(report: Report) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let mut files = Vec::with_capacity(report.files.len());
    for file in report.files {
        match file.content {
            CollectedContent::Bytes(content) => files.push(Collected {
                path: file.path,
                content,
            }),
            CollectedContent::Refused(reason) => {
                return Err(
                    format!("it left `{}`, which was not taken: {reason}", file.path).into(),
                );
            }
        }
    }
    Ok(Response {
        success: report.ending == Ending::Exited(0),
        ending: ending_text(&report.ending),
        stdout: report.stdout.bytes,
        stderr: report.stderr.bytes,
        files,
    })
}

fn ending_text(ending: &Ending) -> String {
    match ending {
        Ending::Exited(code) => format!("exit code {code}"),
        Ending::Signalled(signal) => format!("signal {signal}"),
        Ending::Limit(limit) => format!("{limit:?} limit").to_lowercase(),
        Ending::ForbiddenSystemCall(name) => {
            format!(
                "forbidden system call {}",
                name.as_deref().unwrap_or("of unknown name")
            )
        }
        Ending::NotStarted(reason) => format!("not started: {reason}"),
        Ending::Cancelled => "taken back".to_owned(),
        Ending::Stopped => "stopped".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use carrel_sandbox::Limit;

    use super::*;

    fn report(ending: Ending, content: CollectedContent) -> Report {
        Report {
            files: vec![carrel_sandbox::Collected {
                path: "a".into(),
                content,
                executable: false,
            }],
            ..Report::of(ending)
        }
    }

    #[test]
    fn a_link_left_by_a_trigger_is_refused() {
        let refused = CollectedContent::Refused("a link".into());
        let error = response(report(Ending::Exited(0), refused)).unwrap_err();
        assert!(error.to_string().contains("a link"));
    }

    #[test]
    fn an_ending_is_told_in_words() {
        let ended = report(Ending::Limit(Limit::Wall), CollectedContent::Bytes(vec![1]));
        let response = response(ended).unwrap();
        assert!(!response.success);
        assert_eq!(response.ending, "wall limit");
        assert_eq!(response.files[0].content, [1]);
    }
}
