//! A request and its answer.

use super::server::Server;
use crate::outputs::prometheus;
use std::io::{self, BufWriter, Read, Write};

/// Bytes of a request's head, at most.
const HEAD: usize = 8 * 1024;

/// Lines of a request's head, at most.
const LINES: usize = 64;

/// Bytes that are sent at once.
const CHUNK: usize = 16 * 1024;

/// The wish of a client.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    page: Page,
    /// Only the head of the answer.
    head_only: bool,
    /// The client knows chunks, and with them whether the answer is whole.
    chunks: bool,
    admitted: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Page {
    Metrics,
    Health,
    Status,
    None,
}

/// The reason why there is no page, as a status line of HTTP.
type Refusal = &'static str;

/// Reads one request and answers it.
pub fn serve(server: &Server, stream: &mut (impl Read + Write)) -> io::Result<()> {
    match read(server, stream)? {
        Err(refusal) => plain(stream, refusal, "", false),
        Ok(request) => answer(server, &request, stream),
    }
}

/// Reads the head of a request, and no byte of a body but those that come along.
fn read(server: &Server, stream: &mut impl Read) -> io::Result<Result<Request, Refusal>> {
    let mut head = Vec::with_capacity(1024);
    let mut piece = [0; 1024];
    loop {
        let mut lines = [httparse::EMPTY_HEADER; LINES];
        let mut request = httparse::Request::new(&mut lines);
        match request.parse(&head) {
            Ok(httparse::Status::Complete(_)) => return Ok(understand(server, &request)),
            Ok(httparse::Status::Partial) => {}
            Err(httparse::Error::TooManyHeaders) => {
                return Ok(Err("431 Request Header Fields Too Large"));
            }
            Err(_) => return Ok(Err("400 Bad Request")),
        }
        if head.len() >= HEAD {
            return Ok(Err("431 Request Header Fields Too Large"));
        }
        let room = (HEAD - head.len()).min(piece.len());
        let piece = piece.get_mut(..room).unwrap_or_default();
        let got = stream.read(piece)?;
        if got == 0 {
            return Ok(Err("400 Bad Request"));
        }
        head.extend_from_slice(piece.get(..got).unwrap_or_default());
    }
}

fn understand(server: &Server, request: &httparse::Request) -> Result<Request, Refusal> {
    let head_only = match request.method {
        Some("GET") => false,
        Some("HEAD") => true,
        _ => return Err("405 Method Not Allowed\r\nAllow: GET, HEAD"),
    };
    let path = request.path.unwrap_or_default();
    let page = match path.split(['?', '#']).next() {
        Some("/metrics") => Page::Metrics,
        Some("/healthz") => Page::Health,
        Some("/status") => Page::Status,
        _ => Page::None,
    };
    let mut named = request.headers.iter();
    let authorization = named.find(|line| line.name.eq_ignore_ascii_case("authorization"));
    // A probe of life tells nothing and needs nothing.
    let admitted = page == Page::Health || server.gate.admits(authorization.map(|line| line.value));
    Ok(Request {
        page,
        head_only,
        chunks: request.version == Some(1),
        admitted,
    })
}

fn answer(server: &Server, request: &Request, stream: &mut impl Write) -> io::Result<()> {
    if !request.admitted {
        let refusal = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"bellwether\"\r\n\
                       WWW-Authenticate: Bearer";
        return plain(stream, refusal, "", request.head_only);
    }
    match (&request.page, server.status()) {
        (Page::None, _) => {
            let pages = "/metrics /healthz /status\n";
            plain(stream, "404 Not Found", pages, request.head_only)
        }
        (Page::Health, _) if server.is_fresh() => {
            plain(stream, "200 OK", "ok\n", request.head_only)
        }
        (Page::Health, _) => {
            let stale = "no new state\n";
            plain(stream, "503 Service Unavailable", stale, request.head_only)
        }
        (_, None) => {
            let early = "no state yet\n";
            plain(stream, "503 Service Unavailable", early, request.head_only)
        }
        (Page::Metrics, Some(status)) => {
            stream_page(request, prometheus::CONTENT_TYPE, stream, |out| {
                prometheus::write(&status, out)
            })
        }
        (Page::Status, Some(status)) => stream_page(request, "application/json", stream, |out| {
            serde_json::to_writer(&mut *out, &*status)?;
            out.write_all(b"\n")
        }),
    }
}

/// A short answer.
fn plain(stream: &mut impl Write, status: &str, text: &str, head_only: bool) -> io::Result<()> {
    let text = match text {
        "" => status.lines().next().unwrap_or_default(),
        text => text,
    };
    let length = text.len();
    let mut all = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    if !head_only {
        all.push_str(text);
    }
    stream.write_all(all.as_bytes())?;
    stream.flush()
}

/// A page of any length, sent while it is written: it is never whole in memory.
fn stream_page<W: Write>(
    request: &Request,
    kind: &str,
    stream: &mut W,
    write: impl FnOnce(&mut BufWriter<Body<'_, W>>) -> io::Result<()>,
) -> io::Result<()> {
    let chunks = if request.chunks {
        "Transfer-Encoding: chunked\r\n"
    } else {
        ""
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nCache-Control: no-store\r\n{chunks}Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if !request.head_only {
        let chunks = request.chunks;
        let body = Body {
            stream: &mut *stream,
            chunks,
        };
        let mut out = BufWriter::with_capacity(CHUNK, body);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        // A failed page has no such end: the client sees that it is cut off.
        if chunks {
            stream.write_all(b"0\r\n\r\n")?;
        }
    }
    stream.flush()
}

/// The body of an answer, in chunks for those who know them.
struct Body<'a, W> {
    stream: &'a mut W,
    chunks: bool,
}

impl<W: Write> Write for Body<'_, W> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        if self.chunks && !from.is_empty() {
            write!(self.stream, "{:x}\r\n", from.len())?;
            self.stream.write_all(from)?;
            self.stream.write_all(b"\r\n")?;
        } else {
            self.stream.write_all(from)?;
        }
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
