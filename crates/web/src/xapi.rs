//! What learners did in a course as statements of the Experience API, for a learning record store.

mod attempts;
mod lessons;
mod projects;
mod submissions;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use carrel_api::Code;
use carrel_api::grading::{Statements, StatementsOf, StatementsQuery, StatementsVersion};
use carrel_api::list::PageQuery;
use carrel_exchange::xapi::{self, Home};
use carrel_store::account::Role;
use carrel_store::{Cursor, PageRequest};

use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, page};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/courses/{course}/xapi",
        get_with(get, |operation| {
            tagged("Grades", "xAPI statements of a course (authors)")(operation)
                .description(
                    "First attempts at quizzes, the newest first, each from its beginning to its \
                     end; then submissions to challenges, the newest first, with verdict and \
                     points and without a word of single checks; then lessons that were read, and \
                     projects that were marked as done, by learner. `of` asks for one of the four. \
                     A page is of so many attempts, submissions, lessons and projects together. What authors and operators do is a \
                     rehearsal and left out. The same record gives the same statements with the \
                     same ids, so a record store keeps what it is sent twice once. Learners are \
                     named by the ids of their accounts. 404 where the setting `public_url` does \
                     not say what ids of activities begin with.",
                )
                .response::<200, Json<Statements>>()
        }),
    )
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<StatementsQuery>,
) -> Result<Json<Statements>> {
    read(&app, &caller, &course, query).await.map(Json)
}

/// What the statements of one answer have in common.
struct Telling<'a> {
    app: &'a App,
    course: &'a str,
    address: &'a str,
    version: xapi::Version,
}

impl Telling<'_> {
    /// With texts in this language.
    fn home<'b>(&'b self, language: &'b str) -> Home<'b> {
        Home {
            address: self.address,
            version: self.version,
            language,
        }
    }
}

/// One page of the statements of a course.
///
/// # Errors
/// The caller is no author, or the service does not know its address.
pub async fn read(
    app: &App,
    caller: &Caller,
    course: &str,
    query: StatementsQuery,
) -> Result<Statements> {
    caller.require_role(course, Role::Author)?;
    app.store.course(course).await?;
    let Some(address) = app.config.public_url.as_deref() else {
        let detail = "statements name activities by the address of the service: \
                      they need the setting `public_url`";
        return Err(Problem::new(Code::NotFound, detail));
    };
    let telling = Telling {
        app,
        course,
        address: address.trim_end_matches('/'),
        version: match query.version {
            StatementsVersion::V1p0p3 => xapi::Version::V1p0p3,
            StatementsVersion::V2p0p0 => xapi::Version::V2p0p0,
        },
    };
    let request = page(PageQuery {
        cursor: None,
        limit: query.limit,
    })?;
    let mut place = Place::find(query.of, query.cursor.as_deref())?;
    let mut left = request.limit as usize;
    let mut statements = Vec::new();
    loop {
        let part = PageRequest {
            after: place.after.take(),
            limit: u32::try_from(left).unwrap_or(request.limit),
        };
        let rows = match place.of {
            StatementsOf::Quizzes => attempts::read(&telling, part).await?,
            StatementsOf::Challenges => submissions::read(&telling, part).await?,
            StatementsOf::Lessons => lessons::read(&telling, part).await?,
            StatementsOf::Projects => projects::read(&telling, part).await?,
        };
        left = left.saturating_sub(rows.items.len());
        statements.extend(rows.items.into_iter().flatten());
        let following = match rows.next {
            Some(after) => Some(Place {
                of: place.of,
                after: Some(after),
            }),
            None => place.following(query.of),
        };
        match following {
            Some(following) if left > 0 => place = following,
            following => {
                let next = following.map(|place| place.cursor());
                return Ok(Statements { statements, next });
            }
        }
    }
}

/// How far one has come in the list of everything.
struct Place {
    of: StatementsOf,
    /// After this row of them; `None`: at their beginning.
    after: Option<Cursor>,
}

impl Place {
    const ALL: [StatementsOf; 4] = [
        StatementsOf::Quizzes,
        StatementsOf::Challenges,
        StatementsOf::Lessons,
        StatementsOf::Projects,
    ];

    /// The place of a cursor, in the list of what is wanted.
    fn find(wanted: Option<StatementsOf>, cursor: Option<&str>) -> Result<Self> {
        let Some(cursor) = cursor else {
            let of = wanted.unwrap_or(Self::ALL[0]);
            return Ok(Self { of, after: None });
        };
        let (word, after) = cursor.split_once('/').unwrap_or((cursor, ""));
        let mut all = Self::ALL.into_iter();
        let of = all.find(|of| name(*of) == word && wanted.is_none_or(|wanted| wanted == *of));
        let Some(of) = of else {
            return Err(Problem::cursor(cursor));
        };
        let after = (!after.is_empty()).then(|| Cursor(after.to_owned()));
        Ok(Self { of, after })
    }

    /// The beginning of what comes after all of these, where everything is wanted.
    fn following(&self, wanted: Option<StatementsOf>) -> Option<Self> {
        let mut all = Self::ALL.into_iter().skip_while(|of| *of != self.of);
        let of = all.nth(1).filter(|_| wanted.is_none())?;
        Some(Self { of, after: None })
    }

    fn cursor(&self) -> String {
        let after = self.after.as_ref().map_or("", |cursor| &cursor.0);
        format!("{}/{after}", name(self.of))
    }
}

fn name(of: StatementsOf) -> &'static str {
    match of {
        StatementsOf::Quizzes => "quizzes",
        StatementsOf::Challenges => "challenges",
        StatementsOf::Lessons => "lessons",
        StatementsOf::Projects => "projects",
    }
}
