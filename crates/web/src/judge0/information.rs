//! What is told of languages, statuses, settings and workers.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use carrel_store::node::NodeOrders;
use carrel_store::webhook::DELIVERY_ATTEMPTS_MAX;
use serde_json::{Value, json};

use super::routes::{Client, Refusal};
use super::status::STATUSES;
use crate::app::App;
use crate::dialect::language::{self, NAMES, Offered};
use crate::dialect::version::{Version, write_version};

/// The version of Judge0 whose interface this is.
const VERSION: &str = "1.13.1";
/// How long the receiver of a callback may take, seconds.
const CALLBACK_SECONDS: f64 = 10.0;
const LICENSE: &str = include_str!("../../../../LICENSE-MIT");

/// The name of a language with the version that is here.
pub(super) fn language_name(offered: &[Offered], id: i64) -> String {
    let here = offered.iter().find(|one| one.names.judge0.contains(&id));
    if let Some(one) = here {
        return title(one.names.title, one.version);
    }
    let known = NAMES.iter().find(|names| names.judge0.contains(&id));
    known.map_or_else(String::new, |names| {
        names
            .title
            .split(" (")
            .next()
            .unwrap_or_default()
            .to_owned()
    })
}

fn title(start: &str, version: Version) -> String {
    format!("{start}{})", write_version(version))
}

/// Id and language, by name, as theirs sorts them.
fn by_name(offered: &[Offered]) -> Vec<(i64, String, Offered)> {
    let mut all: Vec<(i64, String, Offered)> = offered
        .iter()
        .flat_map(|one| {
            let name = title(one.names.title, one.version);
            let ids = one.names.judge0.iter();
            ids.map(move |id| (*id, name.clone(), *one))
        })
        .collect();
    all.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    all
}

pub(super) async fn list_languages(State(app): State<App>, _: Client) -> Result<Response, Refusal> {
    let offered = language::offered(&app).await?;
    let show = |(id, name, _): &(i64, String, Offered)| json!({"id": id, "name": name});
    let list: Vec<Value> = by_name(&offered).iter().map(show).collect();
    Ok(axum::Json(list).into_response())
}

pub(super) async fn list_all_languages(
    State(app): State<App>,
    _: Client,
) -> Result<Response, Refusal> {
    let offered = language::offered(&app).await?;
    let show = |(id, name, _): &(i64, String, Offered)| json!({"id": id, "name": name, "is_archived": false});
    let list: Vec<Value> = by_name(&offered).iter().map(show).collect();
    Ok(axum::Json(list).into_response())
}

pub(super) async fn show_language(
    State(app): State<App>,
    _: Client,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let offered = language::offered(&app).await?;
    let all = by_name(&offered);
    let found = all.iter().find(|(known, ..)| known.to_string() == id);
    let Some((id, name, one)) = found else {
        return Err(Refusal::not_found());
    };
    let shown = json!({
        "id": id,
        "name": name,
        "is_archived": false,
        "source_file": one.names.source_file,
        "compile_cmd": one.names.compile_command,
        "run_cmd": one.names.run_command,
    });
    Ok(axum::Json(shown).into_response())
}

pub(super) async fn list_statuses(_: Client) -> Response {
    let show = |(id, description): &(u8, &str)| json!({"id": id, "description": description});
    let list: Vec<Value> = STATUSES.iter().map(show).collect();
    axum::Json(list).into_response()
}

pub(super) async fn show_system(State(app): State<App>, _: Client) -> Result<Response, Refusal> {
    let slots: u32 = app
        .nodes
        .rows(&app)
        .await?
        .iter()
        .map(|row| row.report.slots)
        .sum();
    // What a client may use; of the hosts themselves nothing more is told.
    let shown = json!({
        "Architecture": std::env::consts::ARCH,
        "CPU(s)": slots.to_string(),
    });
    Ok(axum::Json(shown).into_response())
}

pub(super) async fn show_configuration(State(app): State<App>, _: Client) -> Response {
    let queued_max = app.config.admission.batch_queued_max;
    let callbacks = (DELIVERY_ATTEMPTS_MAX, CALLBACK_SECONDS);
    axum::Json(app.config.judge0.describe(queued_max, callbacks)).into_response()
}

pub(super) async fn show_about(State(app): State<App>, _: Client) -> Response {
    // Their clients refuse anything but texts.
    let shown = json!({
        "version": VERSION,
        "homepage": app.config.public_url.as_deref().unwrap_or_default(),
        "source_code": "",
        "maintainer": concat!("Carrel ", env!("CARGO_PKG_VERSION")),
    });
    axum::Json(shown).into_response()
}

pub(super) async fn show_version(_: Client) -> &'static str {
    VERSION
}

pub(super) async fn show_isolate(_: Client) -> &'static str {
    concat!(
        "The sandbox of Carrel ",
        env!("CARGO_PKG_VERSION"),
        " takes the place of isolate.\n"
    )
}

pub(super) async fn show_license(_: Client) -> &'static str {
    LICENSE
}

pub(super) async fn list_workers(State(app): State<App>, _: Client) -> Result<Response, Refusal> {
    let depth = app.store.depth().await.map_err(crate::Problem::from)?;
    let rows = app.nodes.rows(&app).await?;
    let slots = |counts: &dyn Fn(&carrel_store::node::NodeRow) -> u32| -> u32 {
        rows.iter().map(counts).sum()
    };
    let is_working =
        |row: &carrel_store::node::NodeRow| row.report.accepting && row.orders == NodeOrders::Work;
    let available = slots(&|row| row.report.slots);
    let working = slots(&|row| row.report.busy);
    let paused = slots(&|row| if is_working(row) { 0 } else { row.report.slots });
    let queue = json!([{
        "queue": VERSION,
        "size": depth.queued.iter().sum::<u64>(),
        "available": available,
        "idle": available.saturating_sub(working),
        "working": working,
        "paused": paused,
        "failed": depth.parked,
    }]);
    Ok(axum::Json(queue).into_response())
}

pub(super) async fn greet(_: Client) -> StatusCode {
    StatusCode::OK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_version_that_is_here() {
        let offered: Vec<Offered> = NAMES
            .iter()
            .map(|names| Offered {
                names,
                version: [12, 2, 0],
            })
            .collect();
        assert_eq!(language_name(&offered, 49), "C (GCC 12.2.0)");
        assert_eq!(language_name(&[], 54), "C++");
        assert_eq!(language_name(&offered, 7), "");
        let ids: Vec<i64> = by_name(&offered).iter().map(|(id, ..)| *id).collect();
        assert_eq!(ids[..4], [46, 48, 49, 50]);
    }
}
