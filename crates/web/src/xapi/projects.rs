//! Projects that were marked as done.

use carrel_exchange::xapi::{self, Completion};
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
    let rows = app.store.projects_done(course, request).await?;
    let items = rows.items.iter().map(|row| {
        // One that has left the course since has no title any more.
        let project = files.project(&row.project);
        let completion = Completion {
            learner: &row.user.to_string(),
            activity: &format!("courses/{course}/projects/{}", row.project),
            title: project.map_or(&row.project, |project| &project.title),
            at: &row.at.to_string(),
        };
        vec![xapi::of_completion(&home, &completion)]
    });
    Ok(Page {
        items: items.collect(),
        next: rows.next,
    })
}
