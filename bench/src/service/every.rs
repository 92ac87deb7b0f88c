//! Each submission by itself, so that what ran while a late one waited can be seen.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context;
use carrel_e2e::load::Went;
use serde_json::{Value, json};

use super::load::Row;

/// Makes the file.
pub(super) fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("making `{}`", path.display()))
}

/// Writes one JSON object a line for each submission that was sent.
pub(super) fn write(path: &Path, file: File, rows: &[Row]) -> anyhow::Result<()> {
    let doing = || format!("writing `{}`", path.display());
    let mut lines = BufWriter::new(file);
    for row in rows {
        for went in &row.all {
            writeln!(lines, "{}", object(&row.name, went)).with_context(doing)?;
        }
    }
    lines.flush().with_context(doing)
}

fn object(offer: &str, went: &Went) -> Value {
    match went {
        Went::Judged {
            work,
            id,
            seconds,
            of_target,
            moments,
            limited,
            right,
        } => json!({
            "offer": offer, "outcome": "judged", "work": work, "id": id, "seconds": seconds,
            "of_target": of_target, "limited": limited, "right": right,
            "accepted_at": moments.accepted, "begun_at": moments.begun,
            "ended_at": moments.ended, "waited_seconds": moments.waited_seconds(),
        }),
        Went::Refused { seconds, .. } => {
            json!({ "offer": offer, "outcome": "refused", "seconds": seconds })
        }
        Went::Late => json!({ "offer": offer, "outcome": "no verdict in time" }),
        Went::Failed(reason) => json!({ "offer": offer, "outcome": "failed", "reason": reason }),
    }
}
