//! Lessons that were read.

use carrel_exchange::xapi::{self, Reading};
use carrel_store::{Page, PageRequest};
use serde_json::Value;

use super::Telling;
use crate::problem::Result;

/// A page of them, by learner: a statement each.
pub(super) async fn read(telling: &Telling<'_>, request: PageRequest) -> Result<Page<Vec<Value>>> {
    let Telling { app, course, .. } = *telling;
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let home = telling.home(&files.language);
    let rows = app.store.lessons_seen(course, request).await?;
    let items = rows.items.iter().map(|row| {
        // One that has left the course since has no title any more.
        let lesson = files.lesson(&row.lesson);
        let reading = Reading {
            learner: &row.user.to_string(),
            activity: &format!("courses/{course}/lessons/{}", row.lesson),
            title: lesson.map_or(&row.lesson, |lesson| &lesson.title),
            at: &row.at.to_string(),
        };
        vec![xapi::of_reading(&home, &reading)]
    });
    Ok(Page {
        items: items.collect(),
        next: rows.next,
    })
}
