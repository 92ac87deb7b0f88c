//! Programs that a client of Piston talks with over its WebSocket, run by the real service.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Message, WebSocket};

use super::start;

/// Only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
/// Asks, waits for the answer, and waits again.
const ASKS: &str = "echo 'your name?'\nread -r name\necho \"hello, $name\"\nread -r rest\n";

fn send(socket: &mut WebSocket<TcpStream>, message: &Value) {
    socket.send(Message::text(message.to_string())).unwrap();
}

/// The next message; `None` after the close, whose code is told.
fn read(socket: &mut WebSocket<TcpStream>) -> Result<Value, u16> {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(frame)) => return Err(frame.code.into()),
            _ => {}
        }
    }
}

#[test]
fn a_client_talks_with_a_program_while_it_runs() {
    let Some(world) = start(1, &["--set", "piston.run_timeout_ms=600000"]) else {
        return;
    };
    let url = format!("ws://{}/api/v2/connect", world.server.address);
    let mut request = url.into_client_request().unwrap();
    let bearer = format!("Bearer {}", world.people.operator);
    let bearer = bearer.parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(world.server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut socket, _) = tungstenite::client(request, stream).unwrap();
    let files = json!([{"content": ASKS}]);
    send(
        &mut socket,
        &json!({"type": "init", "language": "bash", "version": "*", "files": files}),
    );
    let runtime = read(&mut socket).unwrap();
    assert_eq!(runtime["type"], "runtime", "{runtime}");
    let stage = json!({"type": "stage", "stage": "run"});
    assert_eq!(read(&mut socket), Ok(stage));
    let says = |text: &str| json!({"type": "data", "stream": "stdout", "data": text});
    // It is told while the program waits for what has not been sent yet.
    assert_eq!(read(&mut socket), Ok(says("your name?\n")));
    send(
        &mut socket,
        &json!({"type": "data", "stream": "stdin", "data": "Ada\n"}),
    );
    assert_eq!(read(&mut socket), Ok(says("hello, Ada\n")));
    send(&mut socket, &json!({"type": "signal", "signal": "SIGINT"}));
    let exit = json!({"type": "exit", "stage": "run", "code": null, "signal": "SIGINT"});
    assert_eq!(read(&mut socket), Ok(exit));
    assert_eq!(read(&mut socket), Err(4999));
}
