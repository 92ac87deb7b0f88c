//! Traces as a collector gets them: one trace from the request to the verdict, over both processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use carrel_model::Verdict;
use serde_json::Value;

use super::{RIGHT, judged_with, start, work};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const ABOVE: &str = "00f067aa0ba902b7";
/// How long to wait for a span that has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A collector: every span that is sent to it, with the name of its service.
fn collect() -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, spans) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let sender = sender.clone();
            std::thread::spawn(move || serve(stream, &sender));
        }
    });
    (format!("http://{address}"), spans)
}

fn serve(stream: TcpStream, spans: &Sender<(String, Value)>) {
    let mut reader = BufReader::new(stream);
    while let Some(body) = read(&mut reader) {
        for resource in body["resourceSpans"].as_array().unwrap() {
            let of_name = |pair: &&Value| pair["key"] == "service.name";
            let attributes = resource["resource"]["attributes"].as_array().unwrap();
            let name = attributes.iter().find(of_name).unwrap()["value"]["stringValue"].clone();
            for scope in resource["scopeSpans"].as_array().unwrap() {
                for span in scope["spans"].as_array().unwrap() {
                    let _ = spans.send((name.as_str().unwrap().to_owned(), span.clone()));
                }
            }
        }
        let answer =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
        reader.get_mut().write_all(answer).unwrap();
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|count| *count > 0)?;
    assert!(line.starts_with("POST /v1/traces "), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let lower = line.to_ascii_lowercase();
        if let Some(count) = lower.strip_prefix("content-length:") {
            length = count.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_request_to_the_verdict() {
    let (endpoint, spans) = collect();
    let endpoint = format!("traces.endpoint={endpoint}");
    let Some(world) = start(1, &["--set", &endpoint]) else {
        return;
    };
    let work = work(RIGHT, Verdict::Accepted);
    let parent = format!("00-{TRACE}-{ABOVE}-01");
    let headers = [("traceparent", parent.as_str())];
    let row = judged_with(&mut world.learner(0), &work, &headers).await;
    assert_eq!(row["verdict"], "accepted", "{row}");
    let mut ours: Vec<(String, Value)> = Vec::new();
    let wanted = [
        "http_request",
        "submit",
        "submission",
        "queue",
        "judge",
        "sandbox",
        "finish",
    ];
    let all = |ours: &[(String, Value)]| {
        wanted
            .iter()
            .all(|name| ours.iter().any(|(_, span)| span["name"] == *name))
    };
    while !all(&ours) {
        let (service, span) = spans
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|error| panic!("{error}: {ours:#?}\n{}", world.server.log()));
        if span["traceId"] == TRACE {
            ours.push((service, span));
        }
    }
    let find = |name: &str| {
        let found = ours.iter().find(|(_, span)| span["name"] == name);
        found.cloned().unwrap()
    };
    let (web, request) = find("http_request");
    assert_eq!(
        (web.as_str(), &request["kind"]),
        ("carrel-web", &Value::from(2))
    );
    assert_eq!(request["parentSpanId"], ABOVE);
    let (worker, submission) = find("submission");
    assert_eq!(worker, "carrel-worker");
    assert_eq!(submission["parentSpanId"], request["spanId"]);
    for below in ["queue", "judge", "finish"] {
        assert_eq!(
            find(below).1["parentSpanId"],
            submission["spanId"],
            "{below}"
        );
    }
    assert_eq!(find("sandbox").1["parentSpanId"], find("judge").1["spanId"]);
    let time = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
    for (_, span) in &ours {
        let (begin, end) = (
            time(span, "startTimeUnixNano"),
            time(span, "endTimeUnixNano"),
        );
        assert!(begin > 1_600_000_000_000_000_000 && begin <= end, "{span}");
    }
}
