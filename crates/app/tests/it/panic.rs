//! What a panic ends: a request, or the process; each in a process of its own.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use carrel_web::router::contain_panics;
use tower::ServiceExt as _;

const WHERE: &str = "CARREL_TEST_PANIC_IN";

fn panic_in(place: &str) -> Output {
    #[expect(clippy::disallowed_methods, reason = "the panic is to end a process")]
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "panic::in_a_process_of_its_own",
            "--ignored",
            "--nocapture",
        ])
        .env(WHERE, place)
        .output()
        .unwrap()
}

#[test]
fn a_route_that_panics_is_answered_and_the_process_goes_on() {
    let output = panic_in("route");
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = told + &String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("a route panics on purpose"), "{told}");
}

#[test]
fn a_panic_anywhere_else_ends_the_process() {
    for place in ["thread", "task"] {
        let output = panic_in(place);
        assert_eq!(output.status.signal(), Some(6), "{place}: {output:?}");
    }
}

#[test]
#[ignore = "ends its process; the tests above start it"]
#[expect(
    clippy::disallowed_methods,
    reason = "told by the test that started it"
)]
fn in_a_process_of_its_own() {
    let Ok(place) = std::env::var(WHERE) else {
        return;
    };
    carrel_app::panic::end_the_process();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    match place.as_str() {
        "route" => runtime.block_on(ask_routes()),
        "task" => {
            let task = runtime.spawn(async { panic!("a task panics on purpose") });
            let _ = runtime.block_on(task);
        }
        _ => {
            let thread = std::thread::spawn(|| panic!("a thread panics on purpose"));
            let _ = thread.join();
        }
    }
}

async fn panic_on_purpose() -> &'static str {
    panic!("a route panics on purpose")
}

async fn ask_routes() {
    let router: Router = Router::new()
        .route("/panic", get(panic_on_purpose))
        .route("/fine", get(|| async { "fine" }))
        .layer(contain_panics())
        .layer(axum::middleware::from_fn(carrel_web::request_id::give));
    for (path, status) in [
        ("/panic", StatusCode::INTERNAL_SERVER_ERROR),
        ("/fine", StatusCode::OK),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
}
