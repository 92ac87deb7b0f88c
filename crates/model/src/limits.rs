//! Limits of one run, as an author writes them: all optional, bounded, never zero.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one run may use. Units are in the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Processor time of all processes together, milliseconds.
    pub cpu_ms: u64,
    /// Time from start to end, milliseconds.
    pub wall_ms: u64,
    /// Memory of all processes, page cache and temporary files together, bytes.
    pub memory_bytes: u64,
    /// Processes and threads at one moment.
    pub processes: u64,
    /// Output, all streams together, bytes.
    pub output_bytes: u64,
    /// Largest file that may be written, bytes.
    pub file_bytes: u64,
    /// All writable files together, bytes.
    pub disk_bytes: u64,
    /// Writable files and directories together.
    pub inodes: u64,
    /// Open descriptors per process.
    pub open_files: u64,
    /// Stack of the main thread, bytes.
    pub stack_bytes: u64,
    /// Processors used at once, thousandths.
    pub cpu_rate_milli: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_ms: 5_000,
            wall_ms: 10_000,
            memory_bytes: 512 << 20,
            processes: 64,
            output_bytes: 1 << 20,
            file_bytes: 64 << 20,
            disk_bytes: 128 << 20,
            inodes: 8_192,
            open_files: 256,
            stack_bytes: 64 << 20,
            cpu_rate_milli: 1_000,
        }
    }
}

/// Name, smallest and largest value that each limit may have.
pub const BOUNDS: [(&str, u64, u64); 11] = [
    ("cpu_ms", 1, 600_000),
    ("wall_ms", 1, 1_200_000),
    ("memory_bytes", 1 << 20, 64 << 30),
    ("processes", 1, 4_096),
    ("output_bytes", 1, 256 << 20),
    ("file_bytes", 1, 16 << 30),
    ("disk_bytes", 4_096, 16 << 30),
    ("inodes", 16, 1_000_000),
    ("open_files", 8, 65_536),
    ("stack_bytes", 64 << 10, 8 << 30),
    ("cpu_rate_milli", 10, 64_000),
];

/// A limit that is outside its bounds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limit `{name}` is {value}; it must be between {least} and {most}")]
pub struct OutOfBounds {
    /// Which limit.
    pub name: &'static str,
    /// What was asked for.
    pub value: u64,
    /// Smallest value allowed.
    pub least: u64,
    /// Largest value allowed.
    pub most: u64,
}

impl Limits {
    /// The values in the order of [`BOUNDS`].
    #[must_use]
    pub fn values(&self) -> [u64; 11] {
        [
            self.cpu_ms,
            self.wall_ms,
            self.memory_bytes,
            self.processes,
            self.output_bytes,
            self.file_bytes,
            self.disk_bytes,
            self.inodes,
            self.open_files,
            self.stack_bytes,
            self.cpu_rate_milli,
        ]
    }

    /// Limits of values in the order of [`BOUNDS`].
    #[must_use]
    pub fn from_values(values: [u64; 11]) -> Self {
        let [
            cpu_ms,
            wall_ms,
            memory_bytes,
            processes,
            output_bytes,
            file_bytes,
            disk_bytes,
            inodes,
            open_files,
            stack_bytes,
            cpu_rate_milli,
        ] = values;
        Self {
            cpu_ms,
            wall_ms,
            memory_bytes,
            processes,
            output_bytes,
            file_bytes,
            disk_bytes,
            inodes,
            open_files,
            stack_bytes,
            cpu_rate_milli,
        }
    }

    /// Checks every limit against its bounds.
    ///
    /// # Errors
    /// The first limit that is out of bounds; zero always is.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        for ((name, least, most), value) in BOUNDS.into_iter().zip(self.values()) {
            if value < least || value > most {
                return Err(OutOfBounds {
                    name,
                    value,
                    least,
                    most,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_is_within_bounds() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    #[test]
    fn values_are_the_limits_in_order() {
        let values = std::array::from_fn(|index| index as u64);
        assert_eq!(Limits::from_values(values).values(), values);
    }

    #[test]
    fn zero_and_huge_are_refused_by_name() {
        let zero = Limits {
            wall_ms: 0,
            ..Limits::default()
        };
        assert_eq!(zero.check().unwrap_err().name, "wall_ms");
        let huge = Limits {
            processes: u64::MAX,
            ..Limits::default()
        };
        assert_eq!(huge.check().unwrap_err().name, "processes");
    }
}
