//! What is sent and what comes out: a JSON document in one row, its bytes in rows of their own.

use std::collections::BTreeMap;

use carrel_model::execution::{ExecutionRequest, ExecutionResult, StageResult};
use carrel_model::id::SubmissionId;
use rusqlite::{OptionalExtension, params};

use super::codec::key;
use super::failure::{Step, missing, state};
use super::write::Tx;
use crate::submission::{Outcome, Work};

/// Part of attachments that holds the files sent.
const SOURCE: &str = "source";
/// Part that holds the standard input of an execution.
const STDIN: &str = "stdin";

/// Keeps what was sent.
pub(super) fn keep(tx: &Tx<'_>, id: SubmissionId, work: &Work) -> Step<()> {
    let document = match work {
        Work::Challenge(work) => {
            attach_files(tx, id, &work.files)?;
            let mut bare = work.clone();
            bare.files = BTreeMap::new();
            Work::Challenge(bare)
        }
        Work::Execution(request) => {
            attach_files(tx, id, &request.files)?;
            if !request.stdin.is_empty() {
                attach(tx, id, STDIN, "", &request.stdin)?;
            }
            Work::Execution(Box::new(ExecutionRequest {
                files: BTreeMap::new(),
                stdin: Vec::new(),
                ..(**request).clone()
            }))
        }
    };
    tx.sql
        .prepare_cached("INSERT INTO work (submission, document) VALUES (?1, ?2)")?
        .execute(params![key(id.0), serde_json::to_string(&document)?])?;
    Ok(())
}

/// What was sent.
pub(super) fn load(tx: &Tx<'_>, id: SubmissionId) -> Step<Work> {
    let found: Option<(String, bool)> = tx
        .sql
        .prepare_cached(
            "SELECT work.document, submission.sources_gone FROM work
             JOIN submission ON submission.id = work.submission WHERE submission.id = ?1",
        )?
        .query_row([key(id.0)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((document, gone)) = found else {
        return Err(missing("submission", id));
    };
    if gone {
        return Err(state("the source of submission", id, "expired"));
    }
    let mut work: Work = serde_json::from_str(&document)?;
    match &mut work {
        Work::Challenge(work) => work.files = files(tx, id)?,
        Work::Execution(request) => {
            request.files = files(tx, id)?;
            request.stdin = attached(tx, id, STDIN)?;
        }
    }
    Ok(work)
}

/// Keeps the bytes of an outcome and returns the document for the row.
pub(super) fn keep_outcome(
    tx: &Tx<'_>,
    id: SubmissionId,
    number: u32,
    outcome: &Outcome,
) -> Step<String> {
    let Outcome::Executed(result) = outcome else {
        return Ok(serde_json::to_string(outcome)?);
    };
    let mut bare: ExecutionResult = (**result).clone();
    for (stage, name) in stages(&mut bare) {
        for (bytes, stream) in [(&mut stage.stdout, "stdout"), (&mut stage.stderr, "stderr")] {
            if !bytes.is_empty() {
                let part = part(number, name, stream);
                attach(tx, id, &part, "", bytes)?;
                bytes.clear();
            }
        }
    }
    Ok(serde_json::to_string(&Outcome::Executed(Box::new(bare)))?)
}

/// An outcome with its bytes.
pub(super) fn load_outcome(
    tx: &Tx<'_>,
    id: SubmissionId,
    number: u32,
    document: &str,
) -> Step<Outcome> {
    let mut outcome: Outcome = serde_json::from_str(document)?;
    if let Outcome::Executed(result) = &mut outcome {
        for (stage, name) in stages(result) {
            stage.stdout = attached(tx, id, &part(number, name, "stdout"))?;
            stage.stderr = attached(tx, id, &part(number, name, "stderr"))?;
        }
    }
    Ok(outcome)
}

fn part(number: u32, stage: &str, stream: &str) -> String {
    format!("{number}/{stage}/{stream}")
}

fn stages(result: &mut ExecutionResult) -> Vec<(&mut StageResult, &'static str)> {
    let mut stages = Vec::new();
    if let Some(stage) = &mut result.compile {
        stages.push((stage, "compile"));
    }
    if let Some(stage) = &mut result.run {
        stages.push((stage, "run"));
    }
    stages
}

fn attach_files(tx: &Tx<'_>, id: SubmissionId, files: &BTreeMap<String, Vec<u8>>) -> Step<()> {
    for (path, content) in files {
        attach(tx, id, SOURCE, path, content)?;
    }
    Ok(())
}

fn attach(tx: &Tx<'_>, id: SubmissionId, part: &str, path: &str, content: &[u8]) -> Step<()> {
    tx.sql
        .prepare_cached(
            "INSERT INTO attachment (submission, part, path, content) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![key(id.0), part, path, content])?;
    Ok(())
}

fn files(tx: &Tx<'_>, id: SubmissionId) -> Step<BTreeMap<String, Vec<u8>>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT path, content FROM attachment WHERE submission = ?1 AND part = ?2",
    )?;
    let rows = statement.query_map(params![key(id.0), SOURCE], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn attached(tx: &Tx<'_>, id: SubmissionId, part: &str) -> Step<Vec<u8>> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT content FROM attachment WHERE submission = ?1 AND part = ?2 AND path = ''",
        )?
        .query_row(params![key(id.0), part], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}
