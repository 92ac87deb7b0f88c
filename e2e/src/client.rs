//! HTTP/1.1 over one kept connection, small on purpose: it retries nothing, so
//! that a request that fails is seen to fail.

use std::io;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longest line of a head, bytes.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Largest body, bytes.
const BODY_BYTES_MAX: usize = 64 << 20;

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Talks to one server over one connection that is opened when it is needed.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
    stream: Option<BufReader<TcpStream>>,
    /// Connections opened so far.
    pub connections: u64,
}

impl Client {
    /// Without a connection yet.
    #[must_use]
    pub fn new(address: SocketAddr, token: Option<&str>) -> Self {
        Self {
            address,
            token: token.map(str::to_owned),
            stream: None,
            connections: 0,
        }
    }

    /// Sends this token from now on.
    pub fn act_as(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// GET.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn get(&mut self, path: &str) -> io::Result<Response> {
        self.request("GET", path, &[], &[]).await
    }

    /// POST with a JSON body.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> io::Result<Response> {
        let body = body.to_string();
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.request("POST", path, &all, body.as_bytes()).await
    }

    /// Any request.
    ///
    /// # Errors
    /// Of the connection; it is closed then.
    pub async fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Response> {
        let mut stream = match self.stream.take().filter(is_open) {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        if let Some(token) = &self.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || method != "GET" {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body);
        stream.write_all(&bytes).await?;
        let response = read_response(&mut stream).await?;
        if response.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(response)
    }

    async fn connect(&mut self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        self.connections += 1;
        Ok(BufReader::new(stream))
    }

    /// Reads a stream of server-sent events until `enough` says so or it ends; returns the text read.
    ///
    /// # Errors
    /// Of the connection, or another status than 200.
    pub async fn events(
        &self,
        path: &str,
        last: Option<&str>,
        enough: &mut (dyn FnMut(&str) -> bool + Send),
    ) -> io::Result<String> {
        let mut stream = BufReader::new(TcpStream::connect(self.address).await?);
        let mut head = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\n",
            self.address
        );
        if let Some(token) = &self.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(last) = last {
            head.push_str(&format!("last-event-id: {last}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await?;
        let (status, headers) = read_head(&mut stream).await?;
        if status != 200 {
            return Err(io::Error::other(format!("status {status}")));
        }
        let chunked = headers
            .iter()
            .any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let mut text = Vec::new();
        loop {
            let more = if chunked {
                read_chunk(&mut stream, &mut text).await?
            } else {
                stream.read_buf(&mut text).await? > 0
            };
            if enough(&String::from_utf8_lossy(&text)) || !more {
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
        }
    }
}

/// Whether a kept connection can carry another request: the service may have ended it as idle.
fn is_open(stream: &BufReader<TcpStream>) -> bool {
    let looked = stream.get_ref().try_read(&mut [0]);
    looked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

type Headers = Vec<(String, String)>;

async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    let mut bounded = stream.take(LINE_BYTES_MAX as u64);
    bounded.read_until(b'\n', &mut line).await?;
    if line.last() != Some(&b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> io::Result<(u16, Headers)> {
    let first = read_line(stream).await?;
    let status = first.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status in `{first}`")))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream).await?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
    }
}

/// Reads one chunk; false: it was the last.
async fn read_chunk(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<bool> {
    let line = read_line(stream).await?;
    let length = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16)
        .map_err(|_| io::Error::other(format!("no length of a chunk: `{line}`")))?;
    if length + body.len() > BODY_BYTES_MAX {
        return Err(io::Error::other("the body is too large"));
    }
    let from = body.len();
    body.resize(from + length, 0);
    stream.read_exact(&mut body[from..]).await?;
    read_line(stream).await?;
    Ok(length > 0)
}

async fn read_response(stream: &mut BufReader<TcpStream>) -> io::Result<Response> {
    let (status, headers) = loop {
        let (status, headers) = read_head(stream).await?;
        if status >= 200 {
            break (status, headers);
        }
    };
    let find = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let mut body = Vec::new();
    if find("transfer-encoding") == Some("chunked") {
        while read_chunk(stream, &mut body).await? {}
    } else if let Some(length) = find("content-length") {
        let length: usize = length.parse().map_err(io::Error::other)?;
        if length > BODY_BYTES_MAX {
            return Err(io::Error::other("the body is too large"));
        }
        body.resize(length, 0);
        stream.read_exact(&mut body).await?;
    }
    Ok(Response {
        status,
        headers,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(text: &'static str) -> Client {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0_u8; 4096];
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
        });
        Client::new(address, Some("t"))
    }

    #[tokio::test]
    async fn bodies_with_length_and_in_chunks_are_read() {
        let mut client = answer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}").await;
        let response = client.get("/").await.unwrap();
        assert_eq!(
            (response.status, &response.json()["a"]),
            (200, &Value::from(1))
        );
        let mut client = answer("HTTP/1.1 429 No\r\nTransfer-Encoding: chunked\r\nRetry-After: 2\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n").await;
        let response = client.get("/").await.unwrap();
        assert_eq!((response.status, response.text().as_str()), (429, "abcd"));
        assert_eq!(response.header("retry-after"), Some("2"));
    }

    #[tokio::test]
    async fn a_connection_ended_while_idle_is_opened_anew() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0_u8; 4096];
                let _ = stream.read(&mut request).await.unwrap();
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
            }
        });
        let mut client = Client::new(address, None);
        client.get("/").await.unwrap();
        // Until the end of the first connection has come.
        client
            .stream
            .as_ref()
            .unwrap()
            .get_ref()
            .readable()
            .await
            .unwrap();
        client.get("/").await.unwrap();
        assert_eq!(client.connections, 2);
        server.await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_an_error() {
        let mut client = answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
        assert!(client.get("/").await.is_err());
        let mut client = answer("HTTP/1.1 200 OK\r\n").await;
        assert!(client.get("/").await.is_err());
    }
}
