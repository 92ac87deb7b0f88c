//! Limits: what the author says over what is there already.

use carrel_model::Limits;
use carrel_model::limits::BOUNDS;

use super::context::Context;
use crate::placed::Placed;
use crate::raw::{LimitsTable, Size};

/// Limits of a compile run where the author says nothing: compilers need more than most answers.
pub(super) fn compile_defaults() -> Limits {
    Limits {
        cpu_ms: 30_000,
        wall_ms: 60_000,
        memory_bytes: 2 << 30,
        processes: 256,
        disk_bytes: 512 << 20,
        file_bytes: 256 << 20,
        open_files: 1_024,
        ..Limits::default()
    }
}

/// Lays a table over limits and checks every value said.
pub(super) fn parse(context: &mut Context<'_>, base: Limits, table: &LimitsTable) -> Limits {
    let said = [
        number(table.cpu_ms.as_ref()),
        number(table.wall_ms.as_ref()),
        size(table.memory_bytes.as_ref()),
        number(table.processes.as_ref()),
        size(table.output_bytes.as_ref()),
        size(table.file_bytes.as_ref()),
        size(table.disk_bytes.as_ref()),
        number(table.inodes.as_ref()),
        number(table.open_files.as_ref()),
        size(table.stack_bytes.as_ref()),
        number(table.cpu_rate_milli.as_ref()),
    ];
    let mut values = base.values();
    for (((name, least, most), value), said) in BOUNDS.into_iter().zip(&mut values).zip(&said) {
        let Some(said) = said else { continue };
        if said.value < least || said.value > most {
            let message = format!(
                "limit `{name}` is {}; it must be between {least} and {most}",
                said.value
            );
            context.report(&said.span, message, "");
        } else {
            *value = said.value;
        }
    }
    let mut limits = from_values(values);
    if table.cpu_ms.is_some() && table.wall_ms.is_none() {
        // A program that computes must meet the limit of processor time first, on a busy machine too.
        limits.wall_ms = limits.cpu_ms.saturating_mul(2).min(BOUNDS[1].2);
    }
    limits
}

fn number(value: Option<&Placed<u64>>) -> Option<Placed<u64>> {
    value.cloned()
}

fn size(value: Option<&Placed<Size>>) -> Option<Placed<u64>> {
    value.map(|size| Placed {
        value: size.value.0,
        span: size.span.clone(),
    })
}

fn from_values(values: [u64; 11]) -> Limits {
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
    Limits {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_order() {
        let limits = Limits {
            cpu_ms: 1,
            wall_ms: 2,
            stack_bytes: 3,
            ..Limits::default()
        };
        assert_eq!(from_values(limits.values()), limits);
        assert_eq!(compile_defaults().check(), Ok(()));
    }
}
