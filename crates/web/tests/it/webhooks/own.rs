//! Nothing is delivered to the machine itself by its public address.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::Command;

use carrel_model::Verdict;
use serde_json::json;

use crate::world::World;

/// A public address that the child's only interface has.
const OWN: &str = "1.2.3.4";
/// A name that leads there.
const NAME: &str = "receiver.example.org";

/// Starts this test binary again where the machine has [`OWN`] and knows [`NAME`], with one
/// ignored test as its program. Says whether it could, what it printed and whether it passed.
#[expect(
    clippy::disallowed_methods,
    reason = "addresses and names can only be given to another process"
)]
fn test_with_own_address(test: &str) -> (bool, String, bool) {
    let hosts = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(hosts.path(), format!("{OWN} {NAME}\n")).unwrap();
    let script = format!(
        "ip link set lo up && ip address add {OWN}/32 dev lo && \
         mount --bind '{}' /etc/hosts && exec \"$0\" \"$@\"",
        hosts.path().display()
    );
    let namespaces = ["--user", "--map-root-user", "--net", "--mount"];
    let ended = Command::new("unshare")
        .args(namespaces)
        .args(["sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output();
    let Ok(ended) = ended else {
        return (false, "there is no `unshare`".to_owned(), false);
    };
    let mut told = String::from_utf8_lossy(&ended.stdout).into_owned();
    let began = told.contains("running 1 test");
    told += &String::from_utf8_lossy(&ended.stderr);
    (began, told, ended.status.success())
}

#[test]
fn the_machine_is_no_receiver_by_its_public_address() {
    let (began, told, passed) = test_with_own_address("webhooks::own::child_with_a_public_address");
    if began {
        assert!(passed, "{told}");
    } else {
        println!("SKIP: no network of its own can be made here: {told}");
    }
}

#[test]
#[ignore = "run by the test above, where the machine has a public address"]
fn child_with_a_public_address() {
    let listener = TcpListener::bind((OWN, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let path = "/courses/demo/webhooks";
    // As it is written it is refused at once, whoever asks for it.
    let refused = world.post(
        &ada,
        path,
        &json!({"url": format!("https://{OWN}:{port}/")}),
    );
    refused.is(422, "invalid");
    let told = refused.body["detail"].as_str().unwrap();
    assert!(told.contains("is an address of this machine"), "{told}");
    let callback = json!({"source_code": "x", "language_id": 71,
        "callback_url": format!("http://{OWN}:{port}/")});
    let refused = world.post(&ann, "//judge0/submissions", &callback);
    let told = refused.body["callback_url"][0].as_str().unwrap_or_default();
    assert!(
        told.contains("is an address of this machine"),
        "{refused:?}"
    );
    // A name that leads there is refused when it is connected to.
    let url = format!("https://{NAME}:{port}/");
    world.post(&ada, path, &json!({"url": url})).ok();
    world.submit(&ann);
    world.judge(Verdict::Accepted);
    let told = loop {
        let shown = world.get(&ada, path).ok()["items"][0]["last_delivery"].clone();
        if let Some(error) = shown["error"].as_str() {
            break error.to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(told.contains("is an address of this machine"), "{told}");
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "somebody connected");
}
