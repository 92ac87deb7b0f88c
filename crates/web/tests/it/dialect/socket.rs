//! Piston's WebSocket.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use carrel_bus::conversation::{Decoder, Frame};
use carrel_model::Cause;
use carrel_model::execution::{OutputStream, Stage};
use carrel_store::queue::Lease;
use carrel_store::submission::Work;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::{Error, HandshakeError, Message, WebSocket};

use super::hand::{WAIT_SECONDS, beat, claim, stage_result, working};
use crate::world::{Person, World};

/// A socket, or what was answered in place of one.
pub(super) fn try_connect(
    world: &World,
    who: &Person,
) -> Result<WebSocket<TcpStream>, (u16, Vec<u8>)> {
    let url = format!("ws://{}/api/v2/connect", world.address);
    let mut request = url.into_client_request().unwrap();
    let bearer = who.bearer().parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(world.address).unwrap();
    let patience = Duration::from_secs(WAIT_SECONDS);
    stream.set_read_timeout(Some(patience)).unwrap();
    match tungstenite::client(request, stream) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(Error::Http(answer))) => {
            let status = answer.status().as_u16();
            Err((status, answer.into_body().unwrap_or_default()))
        }
        Err(error) => panic!("{error}"),
    }
}

fn connect(world: &World, who: &Person) -> WebSocket<TcpStream> {
    try_connect(world, who).unwrap()
}

pub(super) fn send(socket: &mut WebSocket<TcpStream>, message: &Value) {
    socket.send(Message::text(message.to_string())).unwrap();
}

/// Everything up to the close, and its code and reason.
fn read_all(socket: &mut WebSocket<TcpStream>) -> (Vec<Value>, u16, String) {
    let mut messages = Vec::new();
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => messages.push(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(frame)) => {
                return (messages, frame.code.into(), frame.reason.to_string());
            }
            _ => {}
        }
    }
}

fn start() -> (World, Person) {
    let world = World::start();
    beat(&world);
    let eve = world.person("eve", None);
    (world, eve)
}

pub(super) fn init(language: &str, program: &str) -> Value {
    json!({"type": "init", "language": language, "version": "*", "files": [{"content": program}]})
}

#[test]
fn a_run_without_a_conversation_is_told_in_their_messages_at_its_end() {
    let (world, eve) = start();
    let (messages, code, reason) = working(&world, || {
        let mut socket = connect(&world, &eve);
        send(&mut socket, &init("c", "both"));
        read_all(&mut socket)
    });
    assert_eq!(
        messages,
        [
            json!({"type": "runtime", "language": "c", "version": "12.2.0"}),
            json!({"type": "stage", "stage": "compile"}),
            json!({"type": "data", "stream": "stderr", "data": "warning\n"}),
            json!({"type": "exit", "stage": "compile", "code": 0, "signal": null}),
            json!({"type": "stage", "stage": "run"}),
            json!({"type": "data", "stream": "stdout", "data": "1\n"}),
            json!({"type": "data", "stream": "stderr", "data": "2\n"}),
            json!({"type": "data", "stream": "stdout", "data": "3\n"}),
            json!({"type": "exit", "stage": "run", "code": 0, "signal": null}),
        ]
    );
    assert_eq!((code, reason.as_str()), (4999, "Job Completed"));
}

/// A worker's end of a conversation, held by hand.
struct Hand {
    stream: UnixStream,
    decoder: Decoder,
}

impl Hand {
    fn call(world: &World, lease: &Lease) -> Self {
        let Work::Execution(request) = &lease.work else {
            panic!("{lease:?}")
        };
        let place = request.conversation.as_ref().unwrap();
        let stream = world.app.bus.call(place).unwrap();
        let patience = Duration::from_secs(WAIT_SECONDS);
        stream.set_read_timeout(Some(patience)).unwrap();
        Self {
            stream,
            decoder: Decoder::default(),
        }
    }

    fn tell(&mut self, frame: &Frame) {
        self.stream.write_all(&frame.encode().unwrap()).unwrap();
    }

    fn hear(&mut self) -> Frame {
        let mut buffer = [0; 4_096];
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return frame;
            }
            let count = self.stream.read(&mut buffer).unwrap();
            assert!(count > 0, "it broke off");
            self.decoder.feed(&buffer[..count]);
        }
    }
}

/// The next message of the service.
pub(super) fn read(socket: &mut WebSocket<TcpStream>) -> Value {
    loop {
        if let Message::Text(text) = socket.read().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

fn stdin(data: &str) -> Value {
    json!({"type": "data", "stream": "stdin", "data": data})
}

#[test]
fn what_is_said_is_passed_on_at_once_in_both_directions() {
    let (world, eve) = start();
    let mut socket = connect(&world, &eve);
    send(&mut socket, &init("python", "echo"));
    // Before anybody runs it.
    send(&mut socket, &stdin("one\n"));
    assert_eq!(read(&mut socket)["type"], "runtime");
    let lease = claim(&world);
    let mut hand = Hand::call(&world, &lease);
    hand.tell(&Frame::Begins(Stage::Run));
    assert_eq!(hand.hear(), Frame::Input(b"one\n".to_vec()));
    let stage = json!({"type": "stage", "stage": "run"});
    assert_eq!(read(&mut socket), stage);
    hand.tell(&Frame::Output(OutputStream::Stderr, b"two".to_vec()));
    let data = json!({"type": "data", "stream": "stderr", "data": "two"});
    assert_eq!(read(&mut socket), data);
    send(&mut socket, &stdin("three"));
    assert_eq!(hand.hear(), Frame::Input(b"three".to_vec()));
    send(
        &mut socket,
        &json!({"type": "signal", "signal": "SIGWINCH"}),
    );
    assert_eq!(hand.hear(), Frame::Signal(28));
    send(&mut socket, &json!({"type": "signal", "signal": "SIGTERM"}));
    assert_eq!(hand.hear(), Frame::Signal(15));
    let mut ended = stage_result();
    (ended.exit_code, ended.signal) = (None, Some(15));
    ended.cause = Some(Cause::RuntimeError {
        signal: Some(15),
        exit_code: None,
    });
    hand.tell(&Frame::Ended(Stage::Run, Box::new(ended)));
    let exit = json!({"type": "exit", "stage": "run", "code": null, "signal": "SIGTERM"});
    assert_eq!(read(&mut socket), exit);
    hand.tell(&Frame::Done);
    let (messages, code, reason) = read_all(&mut socket);
    assert!(messages.is_empty(), "{messages:?}");
    assert_eq!((code, reason.as_str()), (4999, "Job Completed"));
}

#[test]
fn a_conversation_that_breaks_off_is_told_as_an_error() {
    let (world, eve) = start();
    let mut socket = connect(&world, &eve);
    send(&mut socket, &init("python", "echo"));
    let lease = claim(&world);
    let mut hand = Hand::call(&world, &lease);
    hand.tell(&Frame::Begins(Stage::Run));
    drop(hand);
    let (messages, code, reason) = read_all(&mut socket);
    let last = json!({"type": "error", "message": "the run was interrupted; start it again"});
    assert_eq!(messages.last(), Some(&last), "{messages:?}");
    assert_eq!((code, reason.as_str()), (4002, "Notified Error"));
}

#[test]
fn a_client_that_leaves_ends_the_conversation() {
    let (world, eve) = start();
    let mut socket = connect(&world, &eve);
    send(&mut socket, &init("python", "echo"));
    let lease = claim(&world);
    let mut hand = Hand::call(&world, &lease);
    hand.tell(&Frame::Begins(Stage::Run));
    assert_eq!(read(&mut socket)["type"], "runtime");
    drop(socket);
    // Its end, or a reset where something of the hand's was left unread.
    let read = hand.stream.read(&mut [0]);
    assert!(!matches!(read, Ok(1..)), "it is closed");
}

#[test]
fn whoever_breaks_the_protocol_is_told_by_code() {
    let (world, eve) = start();
    let talk = |messages: &[Value]| {
        let mut socket = connect(&world, &eve);
        for message in messages {
            send(&mut socket, message);
        }
        read_all(&mut socket)
    };
    let (_, code, reason) = talk(&[]);
    assert_eq!((code, reason.as_str()), (4001, "Initialization Timeout"));
    let data = json!({"type": "data", "stream": "stdin", "data": ""});
    let (_, code, reason) = talk(&[data]);
    assert_eq!((code, reason.as_str()), (4003, "Not yet initialized"));
    let program = init("python", "echo");
    let (_, code, reason) = talk(&[program.clone(), program.clone()]);
    assert_eq!((code, reason.as_str()), (4000, "Already Initialized"));
    let (_, code, reason) = talk(&[program.clone(), json!({"type": "data", "stream": "stdout"})]);
    assert_eq!((code, reason.as_str()), (4004, "Can only write to stdin"));
    let (_, code, reason) = talk(&[program, json!({"type": "signal", "signal": "SIGNONE"})]);
    assert_eq!((code, reason.as_str()), (4005, "Invalid signal"));
    let (messages, code, reason) = talk(&[json!({"type": "init"})]);
    let message = json!({"type": "error", "message": "language is required as a string"});
    assert_eq!((code, reason.as_str()), (4002, "Notified Error"));
    assert_eq!(messages, [message]);
    let (messages, code, _) = talk(&[init("rust", "fn main() {}")]);
    let told = messages[0]["message"].as_str().unwrap();
    assert!(told.contains("not a fault of yours"), "{told}");
    assert_eq!(code, 4002);
}

#[test]
fn a_signal_ends_the_run() {
    let (world, eve) = start();
    let mut socket = connect(&world, &eve);
    send(&mut socket, &init("python", "echo"));
    // Nobody works: the run waits. Signals count once it is queued, so they are sent until it ends.
    let runtime = socket.read().unwrap();
    assert!(runtime.to_text().unwrap().contains("runtime"));
    let ender = {
        let signal = json!({"type": "signal", "signal": "SIGKILL"});
        let patience = Duration::from_millis(100);
        socket.get_ref().set_read_timeout(Some(patience)).unwrap();
        loop {
            let _ = socket.send(Message::text(signal.to_string()));
            match socket.read() {
                Ok(message) => break message,
                Err(tungstenite::Error::Io(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let exit: Value = serde_json::from_str(ender.to_text().unwrap()).unwrap();
    assert_eq!(
        exit,
        json!({"type": "exit", "stage": "run", "code": null, "signal": "SIGKILL"})
    );
}
