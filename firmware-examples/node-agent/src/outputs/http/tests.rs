use super::*;
use crate::outputs::testing;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::time::Instant;

/// Time for what happens at once on an idle machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn local(change: impl FnOnce(&mut Settings)) -> Http {
    let mut settings = Settings {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        ..Settings::default()
    };
    change(&mut settings);
    Http::new(&settings).unwrap()
}

fn showing(change: impl FnOnce(&mut Settings)) -> Http {
    let mut http = local(change);
    http.show(&Arc::new(testing::status())).unwrap();
    http
}

fn connect(http: &Http) -> TcpStream {
    let stream = TcpStream::connect(http.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Everything that comes until the other side closes. A reset is an end too.
fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(got @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..got]);
    }
    String::from_utf8(answer).unwrap()
}

fn ask(http: &Http, request: &[u8]) -> String {
    let mut stream = connect(http);
    // The listener may close before it has read everything.
    let _ = stream.write_all(request);
    rest(&mut stream)
}

/// Head and body of an answer, chunks put together.
fn parts(answer: &str) -> (&str, String) {
    let (head, mut body) = answer.split_once("\r\n\r\n").unwrap();
    if !head.contains("Transfer-Encoding: chunked") {
        return (head, body.into());
    }
    let mut whole = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n").unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        whole.push_str(&rest[..length]);
        body = rest[length..].strip_prefix("\r\n").unwrap();
        if length == 0 {
            assert_eq!(body, "");
            return (head, whole);
        }
    }
}

fn metrics() -> String {
    let mut page = Vec::new();
    crate::outputs::prometheus::write(&testing::status(), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

/// Broken if a page is not whole, or a request without a page gets one.
#[test]
fn the_pages() {
    let http = showing(|_| {});
    let answer = ask(&http, b"GET /metrics?name=x HTTP/1.1\r\nHost: n001\r\n\r\n");
    let (head, body) = parts(&answer);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert_eq!(body, metrics());
    let answer = ask(&http, b"GET /metrics HTTP/1.0\r\n\r\n");
    let (head, body) = parts(&answer);
    assert!(
        !head.contains("chunked"),
        "HTTP/1.0 does not know chunks: {head}"
    );
    assert_eq!(body, metrics());
    let answer = ask(&http, b"GET /status HTTP/1.1\r\n\r\n");
    let status: serde_json::Value = serde_json::from_str(&parts(&answer).1).unwrap();
    assert_eq!(status["node"], "n001");
    assert_eq!(status["channels"][0]["health"], "anomalous");
    let answer = ask(&http, b"HEAD /metrics HTTP/1.1\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n"));
    for (request, status) in [
        (&b"GET /healthz HTTP/1.1\r\n\r\n"[..], "200"),
        (b"GET / HTTP/1.1\r\n\r\n", "404"),
        (b"GET /../etc/passwd HTTP/1.1\r\n\r\n", "404"),
        (
            b"POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            "405",
        ),
        (b"DELETE /status HTTP/1.1\r\n\r\n", "405"),
    ] {
        let answer = ask(&http, request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
}

/// Broken if the agent says that it is well although its engine stands still, or has pages before the first frame.
#[test]
fn health_is_that_of_the_engine() {
    let mut http = local(|settings| settings.stale_s = 0);
    let healthy =
        |http: &Http| ask(http, b"GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200");
    thread::sleep(Duration::from_millis(20));
    assert!(!healthy(&http));
    assert!(ask(&http, b"GET /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 503 "));
    http.show(&Arc::new(testing::status())).unwrap();
    thread::sleep(Duration::from_millis(20));
    assert!(!healthy(&http));
    assert!(healthy(&local(|_| {})), "the first frame has time");
}

/// Broken if a request of any size or form is collected, answered with a page, or ends the listener.
#[test]
fn malformed_and_huge_requests_are_turned_away() {
    let http = showing(|_| {});
    let mut long = b"GET /metrics HTTP/1.1\r\nX: ".to_vec();
    long.resize(2_000_000, b'x');
    let mut endless = b"GET /".to_vec();
    endless.resize(2_000_000, b'a');
    let many = b"GET /metrics HTTP/1.1\r\n".to_vec();
    let many = [many, b"A: b\r\n".repeat(500), b"\r\n".to_vec()].concat();
    let mut noise = vec![0xff; 5000];
    noise[..4].copy_from_slice(&[0x16, 3, 1, 2]);
    for request in [
        &long[..],
        &endless,
        &many,
        &noise,
        b"GET\r\n\r\n",
        b"\0\0\0\0",
        b"GET /metrics HTTP/9.9\r\n\r\n",
    ] {
        let answer = ask(&http, request);
        // A client that is cut off while it sends may not see the answer.
        let turned = ["", "HTTP/1.1 400 ", "HTTP/1.1 431 "];
        let turned = turned
            .iter()
            .any(|start| answer.get(..start.len().min(answer.len())) == Some(start));
        assert!(turned, "{answer}");
        assert!(!answer.contains("bellwether_"), "{answer}");
    }
    // Half-closed before the head is whole: nothing more can come.
    let mut stream = connect(&http);
    stream.write_all(b"GET /metrics HT").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert!(rest(&mut stream).starts_with("HTTP/1.1 400 "));
    // Half-closed behind the head: it only asks.
    let mut stream = connect(&http);
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(parts(&rest(&mut stream)).1, metrics());
    // A body that nobody asked for.
    let body = [
        &b"GET /metrics HTTP/1.1\r\nContent-Length: 30000\r\n\r\n"[..],
        &[b'x'; 30_000],
    ];
    assert_eq!(parts(&ask(&http, &body.concat())).1, metrics());
}

/// Broken if the time of a connection begins anew with each byte.
#[test]
fn a_trickling_client_is_closed() {
    let http = showing(|settings| settings.time_s = 1);
    let mut stream = connect(&http);
    let start = Instant::now();
    let mut sent = 0;
    for byte in b"GET /metrics HTTP/1.1\r\nX: "
        .iter()
        .chain(std::iter::repeat(&b'x'))
    {
        // Well below the limit of the head at this speed.
        if stream.write_all(&[*byte]).is_err() || sent == 4000 {
            break;
        }
        sent += 1;
        thread::sleep(Duration::from_millis(20));
    }
    assert!(sent < 4000, "{sent} bytes in {:?}", start.elapsed());
    assert!(start.elapsed() >= Duration::from_millis(900));
}

/// Broken if clients that hold connections keep out the one that asks, or if each gets a thread.
#[test]
fn many_connections_do_not_keep_out_a_scraper() {
    let http = showing(|settings| settings.time_s = 60);
    let held: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = connect(&http);
            let _ = stream.write_all(b"GET /metrics");
            stream
        })
        .collect();
    for _ in 0..5 {
        let answer = ask(&http, b"GET /metrics HTTP/1.1\r\n\r\n");
        assert_eq!(parts(&answer).1, metrics());
    }
    assert!(http.server.places_taken() <= 4);
    drop(held);
}

/// Broken if the state is handed on under a lock that a slow reader holds, or a reader has for ever.
#[test]
fn clients_that_do_not_read_do_not_stop_the_engine() {
    let mut http = local(|settings| settings.time_s = 1);
    // Larger than all buffers on the way.
    let mut status = testing::status();
    let channel = testing::channel(&"x".repeat(1000), "chip", "sensor");
    status.channels = vec![channel; 20_000];
    let status = Arc::new(status);
    http.show(&status).unwrap();
    let mut asking: Vec<_> = (0..4).map(|_| connect(&http)).collect();
    for stream in &mut asking {
        stream.write_all(b"GET /status HTTP/1.1\r\n\r\n").unwrap();
    }
    // Each has got its first bytes, and is stuck in the middle of the page.
    for stream in &asking {
        assert_eq!(stream.peek(&mut [0; 1]).unwrap(), 1);
    }
    for _ in 0..1000 {
        http.show(&status).unwrap();
    }
    let end = Instant::now() + PATIENCE;
    while http.server.places_taken() > 0 {
        assert!(
            Instant::now() < end,
            "a reader that does not read keeps its place"
        );
        thread::sleep(Duration::from_millis(20));
    }
    // What arrived is seen to be cut off.
    let cut = rest(&mut asking[0]);
    assert!(!cut.ends_with("0\r\n\r\n"));
    http.show(&Arc::new(testing::status())).unwrap();
    assert_eq!(
        parts(&ask(&http, b"GET /metrics HTTP/1.1\r\n\r\n")).1,
        metrics()
    );
}

fn token(folder: &tempfile::TempDir) -> PathBuf {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.path().join("token");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .unwrap();
    file.write_all(b"0123456789abcdef\n").unwrap();
    path
}

/// Broken if a page is seen without the token.
#[test]
fn pages_need_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let http = showing(|settings| settings.token_file = Some(token(&folder)));
    for page in ["/metrics", "/status", "/else"] {
        let refused = ask(&http, format!("GET {page} HTTP/1.1\r\n\r\n").as_bytes());
        assert!(
            refused.starts_with("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: "),
            "{refused}"
        );
        assert!(
            !refused.contains("n001") && !refused.contains("bellwether_"),
            "{refused}"
        );
    }
    let right = b"GET /metrics HTTP/1.1\r\naUTHORIZATION: Bearer 0123456789abcdef\r\n\r\n";
    assert_eq!(parts(&ask(&http, right)).1, metrics());
    assert!(ask(&http, b"GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

/// Broken if the network sees the node without anybody having asked for it.
#[test]
fn other_addresses_than_loopback_need_authentication_and_tls() {
    let folder = tempfile::tempdir().unwrap();
    let wide = |change: &dyn Fn(&mut Settings)| {
        let mut settings = Settings {
            listen: (Ipv4Addr::UNSPECIFIED, 0).into(),
            ..Settings::default()
        };
        change(&mut settings);
        Http::new(&settings)
            .map(|_| ())
            .map_err(|error| format!("{error:#}"))
    };
    let error = wide(&|_| {}).unwrap_err();
    assert!(error.contains("needs token_file or users_file"), "{error}");
    let token = token(&folder);
    let error = wide(&|settings| settings.token_file = Some(token.clone())).unwrap_err();
    assert!(error.contains("needs certificate_file"), "{error}");
    wide(&|settings| settings.insecure = true).unwrap();
    for change in [
        |settings: &mut Settings| settings.connections = 0,
        |settings: &mut Settings| settings.time_s = 0,
        |settings: &mut Settings| settings.time_s = u64::MAX,
        |settings: &mut Settings| settings.key_file = Some("/nowhere".into()),
        |settings: &mut Settings| settings.token_file = Some("/nowhere".into()),
    ] {
        let mut settings = Settings {
            insecure: true,
            ..Settings::default()
        };
        settings.listen.set_port(0);
        change(&mut settings);
        assert!(Http::new(&settings).is_err(), "{settings:?}");
    }
}

/// Broken if a reload finds its own address in use, or a client that hangs keeps the listener alive.
#[test]
fn the_address_is_free_at_the_end() {
    let http = showing(|settings| settings.time_s = 60);
    let mut hanging = connect(&http);
    hanging.write_all(b"GET").unwrap();
    let listen = http.address;
    let error = Http::new(&Settings {
        listen,
        ..Settings::default()
    })
    .err()
    .unwrap();
    assert!(
        format!("{error:#}").contains(&listen.to_string()),
        "{error:#}"
    );
    drop(http);
    let again = local(|settings| settings.listen = listen);
    drop(hanging);
    assert!(ask(&again, b"GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

/// Broken if pages go out in the clear, or a client without TLS harms the listener.
#[cfg(feature = "tls")]
#[test]
fn pages_inside_of_tls() {
    use rustls::pki_types::pem::PemObject as _;
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = folder.path().join("certificate.pem");
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let key = token(&folder);
    let broken = Settings {
        certificate_file: Some(certificate.clone()),
        key_file: Some(key.clone()),
        ..Settings::default()
    };
    assert!(Http::new(&broken).is_err(), "no key in it");
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let http = showing(|settings| {
        settings.certificate_file = Some(certificate.clone());
        settings.key_file = Some(key.clone());
    });
    let clear = ask(&http, b"GET /metrics HTTP/1.1\r\n\r\n");
    assert!(!clear.contains("bellwether_"), "{clear}");
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(&certificate).unwrap();
    roots
        .add(rustls::pki_types::CertificateDer::from_pem_slice(&pem).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    for _ in 0..2 {
        let name = "localhost".try_into().unwrap();
        let client = rustls::ClientConnection::new(Arc::new(config.clone()), name).unwrap();
        let mut stream = rustls::StreamOwned::new(client, connect(&http));
        stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = String::new();
        // Fails if the end is not that of TLS: an answer that somebody cut off.
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(parts(&answer).1, metrics());
    }
}

/// A client in memory: what it sends, and what it gets.
struct Client<'a>(&'a [u8], Vec<u8>);

impl std::io::Read for Client<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        // A few bytes at a time, as a slow client sends them.
        let few = into.len().min(7);
        self.0.read(&mut into[..few])
    }
}

impl std::io::Write for Client<'_> {
    fn write(&mut self, from: &[u8]) -> std::io::Result<usize> {
        self.1.write(from)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

proptest::proptest! {
    /// Broken by bytes that end the thread of a connection, or get a page without asking for it.
    #[test]
    fn every_request_has_an_answer(
        start in "(GET |HEAD |)(/metrics|/status|)( HTTP/1.1\r\n|)(Authorization: Basic |)",
        rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
        end in "(\r\n\r\n|)",
    ) {
        let settings = Settings { token_file: None, ..Settings::default() };
        let server = Server::new(&settings).unwrap();
        server.show(&Arc::new(testing::status()));
        let request = [start.as_bytes(), &rest, end.as_bytes()].concat();
        let mut client = Client(&request, Vec::new());
        answer::serve(&server, &mut client).unwrap();
        let answer = String::from_utf8(client.1).unwrap();
        let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap();
        assert!(["200", "400", "404", "405", "431"].contains(&status), "{answer}");
        if status == "200" {
            assert!(start.contains("/metrics") || start.contains("/status"), "{answer}");
        }
    }
}
