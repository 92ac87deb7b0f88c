//! Programs that are talked with while they run.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use carrel_bus::Bus as _;
use carrel_bus::conversation::{Decoder, Frame};
use carrel_model::Cause;
use carrel_model::execution::SubmissionState::Finished;
use carrel_model::execution::{ExecutionRequest, ExecutionResult, OutputStream, Stage};
use carrel_model::id::SubmissionId;
use carrel_store::submission::{Outcome, Work};

use crate::world::World;

/// Only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The other side.
struct Talk {
    stream: UnixStream,
    decoder: Decoder,
}

impl Talk {
    fn begin(world: &World, mut request: ExecutionRequest) -> (Self, SubmissionId) {
        // The talk takes its time on a busy machine.
        request.limits.wall_ms = 1_200_000;
        let offer = world.bus.offer().expect("an offer");
        request.conversation = Some(offer.name.clone());
        let id = world.send(Work::Execution(Box::new(request)));
        let (stream, _) = offer.listener.accept().expect("a call");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let decoder = Decoder::default();
        (Self { stream, decoder }, id)
    }

    fn say(&mut self, frame: &Frame) {
        let bytes = frame.encode().expect("a frame");
        self.stream.write_all(&bytes).expect("said");
    }

    fn hear(&mut self) -> Frame {
        let mut buffer = [0; 4_096];
        loop {
            if let Some(frame) = self.decoder.next_frame().expect("a frame") {
                return frame;
            }
            let count = self.stream.read(&mut buffer).expect("heard");
            assert!(count > 0, "it broke off");
            self.decoder.feed(&buffer[..count]);
        }
    }

    /// So much of one stream, however it is cut.
    fn hear_output(&mut self, from: OutputStream, text: &str) {
        let mut heard = Vec::new();
        while heard.len() < text.len() {
            match self.hear() {
                Frame::Output(stream, bytes) if stream == from => heard.extend(bytes),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(String::from_utf8_lossy(&heard), text);
    }
}

fn executed(world: &World, id: SubmissionId) -> ExecutionResult {
    world.wait_for(id, Finished);
    match world.outcome(id) {
        Outcome::Executed(result) => *result,
        other => panic!("{other:?}"),
    }
}

/// Its streams are pipes of ours, which it opens anew by name all the same.
const TALKER: &str = "echo ready\nread -r name\necho \"hello $name\"\necho oops > /dev/stderr\ncat /dev/stdin > /dev/stdout\n";

pub(crate) fn output_comes_as_it_is_written_and_input_as_it_is_said() {
    let world = World::new();
    let _worker = world.start();
    let (mut talk, id) = Talk::begin(&world, world.execution(TALKER));
    assert_eq!(talk.hear(), Frame::Begins(Stage::Run));
    talk.hear_output(OutputStream::Stdout, "ready\n");
    talk.say(&Frame::Input(b"ada\n".to_vec()));
    talk.hear_output(OutputStream::Stdout, "hello ada\n");
    talk.hear_output(OutputStream::Stderr, "oops\n");
    talk.say(&Frame::Input(b"more\n".to_vec()));
    talk.hear_output(OutputStream::Stdout, "more\n");
    talk.say(&Frame::Signal(15));
    let Frame::Ended(Stage::Run, ended) = talk.hear() else {
        panic!("it ended");
    };
    assert_eq!((ended.signal, ended.exit_code), (Some(15), None));
    assert!(ended.stdout.is_empty(), "it was told before");
    assert_eq!(talk.hear(), Frame::Done);
    let run = executed(&world, id).run.expect("a run");
    assert_eq!(run.stdout, b"ready\nhello ada\nmore\n");
    assert_eq!(
        (run.stderr.as_slice(), run.signal),
        (&b"oops\n"[..], Some(15))
    );
}

/// Handles one signal, and not another.
const HANDLER: &str =
    "trap 'echo caught' USR1\necho ready\nwhile read -r line; do echo \"$line\"; done\n";

pub(crate) fn a_signal_is_the_program_s_to_handle() {
    let world = World::new();
    let _worker = world.start();
    let (mut talk, id) = Talk::begin(&world, world.execution(HANDLER));
    assert_eq!(talk.hear(), Frame::Begins(Stage::Run));
    talk.hear_output(OutputStream::Stdout, "ready\n");
    talk.say(&Frame::Signal(10));
    talk.hear_output(OutputStream::Stdout, "caught\n");
    talk.say(&Frame::Input(b"on\n".to_vec()));
    talk.hear_output(OutputStream::Stdout, "on\n");
    talk.say(&Frame::Signal(9));
    assert_eq!(executed(&world, id).run.expect("a run").signal, Some(9));
}

pub(crate) fn a_program_that_is_left_is_ended() {
    let world = World::new();
    let _worker = world.start();
    let request = world.execution("echo here\nsleep 600\n");
    let (mut talk, id) = Talk::begin(&world, request);
    assert_eq!(talk.hear(), Frame::Begins(Stage::Run));
    talk.hear_output(OutputStream::Stdout, "here\n");
    drop(talk);
    assert_eq!(executed(&world, id).run.expect("a run").signal, Some(9));
}

pub(crate) fn output_has_its_limit_however_fast_it_comes() {
    let world = World::new();
    let _worker = world.start();
    let mut request = world.execution("head -c 300000 /dev/zero >&2\nyes\n");
    request.limits.output_bytes = 1 << 20;
    let (mut talk, id) = Talk::begin(&world, request);
    let mut heard = 0;
    let ended = loop {
        match talk.hear() {
            Frame::Output(_, bytes) => heard += bytes.len(),
            Frame::Ended(_, ended) => break ended,
            _ => {}
        }
    };
    assert_eq!((heard, ended.cause), (1 << 20, Some(Cause::OutputLimit)));
    let run = executed(&world, id).run.expect("a run");
    assert_eq!(
        (run.stdout.len() + run.stderr.len(), run.stderr.len()),
        (1 << 20, 300_000)
    );
}

pub(crate) fn without_anybody_it_is_an_ordinary_run() {
    let world = World::new();
    let _worker = world.start();
    let mut request = world.execution("cat\n");
    request.conversation = Some("0".repeat(32));
    let id = world.send(Work::Execution(Box::new(request)));
    assert_eq!(executed(&world, id).run.expect("a run").stdout, b"in\n");
}
