//! Limits as options: those of `carrel run`.

use carrel_model::Limits;

use crate::failure::Failure;
use crate::terminal::quantity::{parse_bytes, parse_milli, parse_ms};

/// Limits of one run; those not given have the defaults of a challenge.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Processor time of all processes together, such as 1s or 500ms.
    #[arg(long, value_name = "TIME", value_parser = parse_ms)]
    cpu: Option<u64>,
    /// Time from start to end.
    #[arg(long, value_name = "TIME", value_parser = parse_ms)]
    wall: Option<u64>,
    /// Memory of all processes, page cache and temporary files together, such as 64M.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    memory: Option<u64>,
    /// Processes and threads at one moment.
    #[arg(long, value_name = "N")]
    processes: Option<u64>,
    /// Output, both streams together.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    output: Option<u64>,
    /// Largest file that may be written.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    file_size: Option<u64>,
    /// All writable files together.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    disk: Option<u64>,
    /// Writable files and directories together.
    #[arg(long, value_name = "N")]
    inodes: Option<u64>,
    /// Open descriptors per process.
    #[arg(long, value_name = "N")]
    files: Option<u64>,
    /// Stack of the main thread.
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes)]
    stack: Option<u64>,
    /// Processors used at once, such as 1 or 0.5.
    #[arg(long, value_name = "N", value_parser = parse_milli)]
    cpu_rate: Option<u64>,
}

impl LimitArguments {
    /// The limits meant. A wall-clock limit that is not given grows with the processor time.
    ///
    /// # Errors
    /// One is out of bounds.
    pub fn resolve(&self) -> Result<Limits, Failure> {
        let default = Limits::default();
        let cpu_ms = self.cpu.unwrap_or(default.cpu_ms);
        let limits = Limits {
            cpu_ms,
            wall_ms: self
                .wall
                .unwrap_or_else(|| default.wall_ms.max(cpu_ms.saturating_mul(2))),
            memory_bytes: self.memory.unwrap_or(default.memory_bytes),
            processes: self.processes.unwrap_or(default.processes),
            output_bytes: self.output.unwrap_or(default.output_bytes),
            file_bytes: self.file_size.unwrap_or(default.file_bytes),
            disk_bytes: self.disk.unwrap_or(default.disk_bytes),
            inodes: self.inodes.unwrap_or(default.inodes),
            open_files: self.files.unwrap_or(default.open_files),
            stack_bytes: self.stack.unwrap_or(default.stack_bytes),
            cpu_rate_milli: self.cpu_rate.unwrap_or(default.cpu_rate_milli),
        };
        limits.check().map_err(Failure::usage)?;
        Ok(limits)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArguments,
    }

    fn resolve(line: &[&str]) -> Result<Limits, Failure> {
        Line::try_parse_from([&["x"], line].concat())
            .unwrap()
            .limits
            .resolve()
    }

    #[test]
    fn options_override_the_defaults() {
        let limits = resolve(&["--cpu", "20s", "--memory", "64M", "--files", "9"]).unwrap();
        assert_eq!((limits.cpu_ms, limits.wall_ms), (20_000, 40_000));
        assert_eq!((limits.memory_bytes, limits.open_files), (64 << 20, 9));
        assert_eq!(limits.processes, Limits::default().processes);
    }

    #[test]
    fn out_of_bounds_is_told_by_name() {
        let failure = resolve(&["--processes", "0"]).unwrap_err();
        assert!(
            failure.error.to_string().contains("`processes` is 0"),
            "{}",
            failure.error
        );
    }
}
