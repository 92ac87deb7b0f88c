//! Why an activity cannot be opened or worked on, in words. Authors can all the same, and are told
//! what holds their learners.

use carrel_api::progress::{Activity, Standing};
use carrel_course::course::{Availability, Course};
use carrel_markdown::highlight::escape;
use jiff::Timestamp;

use super::Frame;
use crate::app::App;
use crate::availability::{self, Stand};
use crate::caller::Caller;
use crate::problem::Result;

/// Where an activity of a list stands: for authors, to whom all is open, as it would for a learner.
pub(super) fn stand_of(activity: &Activity, as_author: bool, now: Timestamp) -> Stand {
    let when = Availability {
        opens: activity.opens_at,
        due: activity.due_at,
        closes: activity.closes_at,
    };
    let missing: Vec<&str> = activity.missing.iter().map(String::as_str).collect();
    Stand {
        standing: if as_author {
            availability::standing(&when, &missing, now)
        } else {
            activity.standing
        },
        when,
        missing: activity.missing.clone(),
    }
}

/// Why it cannot be worked on, as markup; `None`: it can.
pub(super) fn tell(frame: &Frame, course: &Course, stand: &Stand) -> Option<String> {
    let with_time = |name: &str, at: Option<Timestamp>| {
        let at = at.map(|at| frame.time(at)).unwrap_or_default();
        Some(format!("{} {at}", escape(&frame.text(name))))
    };
    match stand.standing {
        Standing::Open => None,
        Standing::NotYet => with_time("activity-opens", stand.when.opens),
        Standing::Closed => with_time("activity-closed", stand.when.closes),
        Standing::Locked => {
            let titles = stand.missing.iter();
            let titles = titles.map(|id| course.title_of(id).unwrap_or(id).to_owned());
            let titles: Vec<String> = titles.collect();
            Some(escape(&frame.fill(
                "activity-locked",
                "titles",
                titles.join(", "),
            )))
        }
    }
}

/// What stands above an activity that the caller has before them, as markup.
///
/// # Errors
/// The store fails.
pub(super) async fn notice(
    app: &App,
    frame: &Frame,
    (caller, course): (&Caller, &Course),
    id: &str,
) -> Result<Option<String>> {
    let stand = availability::find(app, caller, course, id).await?;
    let told = tell(frame, course, &stand);
    if !caller.writes(&course.id) {
        return Ok(told);
    }
    let open = escape(&frame.text("held-author"));
    Ok(told.map(|told| format!("{told} {open}")))
}
