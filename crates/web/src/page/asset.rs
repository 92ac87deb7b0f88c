//! Scripts and styles: built from `web-ui/`, held in the binary, named by their content and so
//! kept by browsers for ever.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, VARY,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::app::App;
use crate::problem::{Problem, Result};

/// Path below which they lie.
pub(crate) const PREFIX: &str = "/assets/";

/// One file.
struct File {
    name: &'static str,
    bytes: &'static [u8],
    brotli: Option<&'static [u8]>,
}

/// A module and all that it imports statically.
struct Bundle {
    /// Name of the entry (`src/islands/NAME.ts`), or path of the source of a module that is loaded later.
    name: &'static str,
    files: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

pub(super) fn routes() -> Router<App> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Result<Response> {
    let file = FILES.iter().find(|file| file.name == name);
    let file = file.ok_or_else(|| Problem::missing("asset", &name))?;
    let kept: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static(kind_of(file.name))),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        (VARY, HeaderValue::from_static("accept-encoding")),
    ];
    Ok(match file.brotli.filter(|_| takes_brotli(&headers)) {
        Some(bytes) => (kept, [(CONTENT_ENCODING, "br")], bytes).into_response(),
        None => (kept, file.bytes).into_response(),
    })
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        _ => "application/octet-stream",
    }
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter();
    let mut codings = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
        name.trim().eq_ignore_ascii_case("br") && !refused
    })
}

/// Address of the style sheet.
pub(crate) fn style() -> String {
    format!("{PREFIX}{STYLE}")
}

/// Addresses of an entry's or a later module's files, its own first; none where there is no such.
pub(crate) fn bundle(name: &str) -> impl Iterator<Item = String> {
    let found = BUNDLES.iter().find(|bundle| bundle.name == name);
    let files = found.map_or(&[][..], |bundle| bundle.files);
    files.iter().map(|file| format!("{PREFIX}{file}"))
}

/// Bytes of script that entries and later modules need together, brotli.
#[cfg(test)]
pub(crate) fn weigh_all(names: &[&str]) -> usize {
    let files = |name: &&str| BUNDLES.iter().find(|bundle| bundle.name == *name);
    let mut all: Vec<&str> = names
        .iter()
        .filter_map(files)
        .flat_map(|one| one.files)
        .copied()
        .collect();
    all.sort_unstable();
    all.dedup();
    let size = |name: &str| {
        let file = FILES.iter().find(|file| file.name == name);
        file.and_then(|file| file.brotli).map_or(0, <[u8]>::len)
    };
    all.into_iter().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most bytes of script that a route may load, brotli: docs/spec.md.
    const BUDGETS: [(&[&str], usize); 3] = [
        (&["page"], 40_000),
        (&["page", "quiz"], 40_000),
        (&["page", "challenge"], 200_000),
    ];

    fn weigh(entries: &[&str]) -> usize {
        let mut files: Vec<&str> = Vec::new();
        for entry in entries {
            let bundle = BUNDLES.iter().find(|bundle| bundle.name == *entry);
            files.extend(bundle.unwrap_or_else(|| panic!("no entry {entry}")).files);
        }
        files.sort_unstable();
        files.dedup();
        let size = |name: &&str| {
            let file = FILES.iter().find(|file| file.name == *name).unwrap();
            file.brotli.unwrap().len()
        };
        files.iter().map(size).sum()
    }

    #[test]
    fn scripts_keep_to_their_budgets() {
        for (entries, most) in BUDGETS {
            let bytes = weigh(entries);
            assert!(bytes <= most, "{entries:?}: {bytes} bytes, most {most}");
        }
    }

    #[test]
    fn an_encoding_is_sent_to_those_that_take_it() {
        let of = |value: &'static str| {
            let pair = (ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_brotli(&HeaderMap::from_iter([pair]))
        };
        assert!(of("gzip, br") && of("br;q=0.5"));
        assert!(!of("gzip") && !of("br;q=0") && !of("brotli"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn every_file_of_a_bundle_is_there() {
        for bundle in BUNDLES {
            for name in bundle.files {
                assert!(FILES.iter().any(|file| file.name == *name), "{name}");
            }
        }
        assert!(FILES.iter().any(|file| file.name == STYLE));
    }
}
