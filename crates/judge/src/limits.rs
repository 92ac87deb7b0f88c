//! An author's limits as the sandbox takes them.

use carrel_model::Limits;

/// The same limits, field by field, for the sandbox.
#[must_use]
pub fn sandbox_limits(limits: &Limits) -> carrel_sandbox::Limits {
    carrel_sandbox::Limits {
        cpu_ms: limits.cpu_ms,
        wall_ms: limits.wall_ms,
        memory_bytes: limits.memory_bytes,
        processes: limits.processes,
        output_bytes: limits.output_bytes,
        file_bytes: limits.file_bytes,
        disk_bytes: limits.disk_bytes,
        inodes: limits.inodes,
        open_files: limits.open_files,
        stack_bytes: limits.stack_bytes,
        cpu_rate_milli: limits.cpu_rate_milli,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_arrives_under_its_own_name() {
        let limits = Limits {
            cpu_ms: 1,
            wall_ms: 2,
            memory_bytes: 3,
            processes: 4,
            output_bytes: 5,
            file_bytes: 6,
            disk_bytes: 7,
            inodes: 8,
            open_files: 9,
            stack_bytes: 10,
            cpu_rate_milli: 11,
        };
        let told = serde_json::to_value(sandbox_limits(&limits)).unwrap();
        assert_eq!(told, serde_json::to_value(limits).unwrap());
    }
}
