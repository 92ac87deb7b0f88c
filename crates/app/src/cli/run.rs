//! `carrel run`: any command in a fresh sandbox, with its output as it comes and a report at its end.

use std::path::{Path, PathBuf};

use carrel_model::quantity::number_of;
use carrel_sandbox::{Ending, FileInput, Network, Report, Spec, Stream};

use super::Session;
use super::limits::LimitArguments;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::submission;
use crate::terminal::quantity::{show_bytes, show_ms};
use crate::terminal::text::printable;
use crate::wire::relay::{self, Relayed};

/// Arguments of `carrel run`.
#[derive(Debug, clap::Args)]
pub struct RunArguments {
    /// Environment to run in; `host` is this machine's own runtimes.
    #[arg(long, value_name = "NAME")]
    env: String,
    #[command(flatten)]
    limits: LimitArguments,
    /// Network inside.
    #[arg(long, value_enum, default_value_t = NetworkArgument::None)]
    network: NetworkArgument,
    /// Put this file into the work directory (again for more).
    #[arg(long, value_name = "SRC[:DST]")]
    file: Vec<PathBuf>,
    /// Give the command this carrel's standard input.
    #[arg(long)]
    stdin: bool,
    /// Set a variable of the command's environment (again for more).
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_variable)]
    variable: Vec<(String, String)>,
    /// Capture the output and print it with the report as JSON.
    #[arg(long)]
    json: bool,
    /// Run even where layers of isolation are missing on this host; the report names them.
    #[arg(long)]
    allow_missing_layers: bool,
    /// Build the environment first where it is missing.
    #[arg(long)]
    build: bool,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<String>,
}

/// What network a run has.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum NetworkArgument {
    /// None.
    None,
    /// A loopback device of its own.
    Loopback,
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not NAME=VALUE")),
    }
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &RunArguments, session: &mut Session) -> Outcome {
    let limits = arguments.limits.resolve()?;
    let mut spec = Spec::new(arguments.command.clone());
    spec.limits = carrel_judge::limits::sandbox_limits(&limits);
    spec.network = match arguments.network {
        NetworkArgument::None => Network::None,
        NetworkArgument::Loopback => Network::Loopback,
    };
    spec.files = read_files(&arguments.file)?;
    let mut keeper = crate::wire::environments::start_keeper(
        session,
        &arguments.env,
        arguments.allow_missing_layers,
        arguments.build,
    )?;
    spec.environment
        .extend(keeper.environment.variables.clone());
    for (name, value) in &arguments.variable {
        spec.environment.retain(|(other, _)| other != name);
        spec.environment.push((name.clone(), value.clone()));
    }
    let relayed = if arguments.json {
        captured(arguments, spec, &mut |spec| keeper.run(spec))?
    } else {
        relay::run(spec, arguments.stdin, &mut |spec| keeper.run(spec))?
    };
    if arguments.json {
        session.terminal.json(&json(&relayed))?;
    } else {
        for line in report_lines(&relayed) {
            session.terminal.note(format_args!("{line}"))?;
        }
    }
    let done = relayed.report.ending == Ending::Exited(0) && !relayed.overflow;
    Ok(if done {
        exit_code::OK
    } else {
        exit_code::REJECTED
    })
}

fn captured(
    arguments: &RunArguments,
    mut spec: Spec,
    run: &mut dyn FnMut(Spec) -> Result<Report, Failure>,
) -> Result<Relayed, Failure> {
    if arguments.stdin {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes)
            .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?;
        spec.stdin = Stream::Bytes(bytes);
    }
    Ok(Relayed {
        report: run(spec)?,
        overflow: false,
        relayed_bytes: 0,
    })
}

fn read_files(arguments: &[PathBuf]) -> Result<Vec<FileInput>, Failure> {
    let mut inputs = Vec::new();
    for argument in arguments {
        for (target, source) in submission::sources(argument)? {
            let content = std::fs::read(&source).map_err(|error| {
                Failure::usage(format!("cannot read `{}`: {error}", source.display()))
            })?;
            let executable = is_executable(&source);
            inputs.push(FileInput {
                path: target,
                content,
                executable,
                writable: true,
            });
        }
    }
    Ok(inputs)
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

fn ending_text(relayed: &Relayed) -> String {
    if relayed.overflow {
        return "stopped by the limit of output".to_owned();
    }
    match &relayed.report.ending {
        Ending::Exited(code) => format!("exit code {code}"),
        Ending::Signalled(signal) => format!("ended by signal {signal}"),
        Ending::Limit(limit) => format!("stopped by the limit of {}", limit_text(*limit)),
        Ending::ForbiddenSystemCall(Some(name)) => {
            format!("forbidden system call `{}`", printable(name))
        }
        Ending::ForbiddenSystemCall(None) => "forbidden system call".to_owned(),
        Ending::NotStarted(reason) => format!("not started: {}", printable(reason)),
        Ending::Cancelled => "taken back".to_owned(),
        Ending::Stopped => "stopped by carrel".to_owned(),
    }
}

fn limit_text(limit: carrel_sandbox::Limit) -> &'static str {
    use carrel_sandbox::Limit;
    match limit {
        Limit::Cpu => "processor time",
        Limit::Wall => "wall-clock time",
        Limit::Memory => "memory",
        Limit::Output => "output",
        Limit::FileSize => "file size",
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
fn report_lines(relayed: &Relayed) -> Vec<String> {
    let report = &relayed.report;
    let usage = &report.usage;
    // Without cgroups nobody counted: 0 would be a claim.
    let counted = |number: u64, text: String| match number {
        0 => "not measured".to_owned(),
        _ => text,
    };
    let mut lines = vec![format!(
        "carrel: {} · wall {} · cpu {} · memory {} · processes {} · output {}",
        ending_text(relayed),
        show_ms(usage.wall_us as f64 / 1e3),
        show_ms(usage.cpu_us as f64 / 1e3),
        counted(usage.memory_peak_bytes, show_bytes(usage.memory_peak_bytes)),
        counted(usage.processes_peak, usage.processes_peak.to_string()),
        show_bytes(usage.output_bytes + relayed.relayed_bytes),
    )];
    if report.processes_refused > 0 {
        lines.push(format!(
            "carrel: {} refused by their limit",
            number_of(report.processes_refused, "process", "processes")
        ));
    }
    if report.disk_full {
        lines.push("carrel: the writable space was full".to_owned());
    }
    for incident in &report.incidents {
        let text = format!("carrel: incident {}: {}", incident.kind, incident.detail);
        lines.push(printable(&text));
    }
    if !report.missing_layers.is_empty() {
        lines.push(format!(
            "carrel: missing layers: {}",
            report.missing_layers.join(", ")
        ));
    }
    lines
}

fn json(relayed: &Relayed) -> serde_json::Value {
    let report = &relayed.report;
    let stream = |output: &carrel_sandbox::Output| {
        serde_json::json!({
            "text": String::from_utf8_lossy(&output.bytes),
            "utf8": std::str::from_utf8(&output.bytes).is_ok(),
            "truncated": output.truncated,
        })
    };
    serde_json::json!({
        "ending": report.ending,
        "usage": report.usage,
        "stdout": stream(&report.stdout),
        "stderr": stream(&report.stderr),
        "disk_full": report.disk_full,
        "processes_refused": report.processes_refused,
        "incidents": report.incidents,
        "missing_layers": report.missing_layers,
    })
}

#[cfg(test)]
mod tests {
    use carrel_sandbox::{Limit, Output, Usage};

    use super::*;

    fn relayed(ending: Ending) -> Relayed {
        let report = Report {
            usage: Usage {
                cpu_us: 1_500,
                wall_us: 2_000_000,
                memory_peak_bytes: 1 << 20,
                processes_peak: 1,
                output_bytes: 0,
            },
            stdout: Output {
                bytes: b"a\xff".to_vec(),
                truncated: false,
            },
            missing_layers: vec!["landlock".into()],
            ..Report::of(ending)
        };
        Relayed {
            report,
            overflow: false,
            relayed_bytes: 12,
        }
    }

    #[test]
    fn the_report_names_ending_usage_and_missing_layers() {
        let lines = report_lines(&relayed(Ending::Limit(Limit::Wall)));
        assert_eq!(
            lines,
            [
                "carrel: stopped by the limit of wall-clock time · wall 2.0 s · cpu 1.5 ms · memory 1 MiB · processes 1 · output 12 B",
                "carrel: missing layers: landlock",
            ]
        );
    }

    #[test]
    fn json_tells_when_output_is_not_text() {
        let document = json(&relayed(Ending::Exited(3)));
        assert_eq!(document["ending"], serde_json::json!({"exited": 3}));
        assert_eq!(document["stdout"]["utf8"], false);
        assert_eq!(document["stderr"]["utf8"], true);
    }

    #[test]
    fn a_variable_needs_a_name() {
        assert_eq!(parse_variable("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert!(parse_variable("=x").is_err());
        assert!(parse_variable("x").is_err());
    }
}
