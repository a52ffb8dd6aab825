use super::*;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// A server that hands each request to a function which answers it, until the test drops the receiver.
fn server(
    mut answer: impl FnMut(usize, &mut TcpStream) + Send + 'static,
) -> (String, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let (send, requests) = channel();
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let start = head.len();
                if reader.read_line(&mut head).unwrap_or(0) == 0 {
                    break;
                }
                let line = head[start..].to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            head.push_str(str::from_utf8(&body).unwrap());
            if send.send(head).is_err() {
                return;
            }
            answer(number, &mut stream);
        }
    });
    (url, requests)
}

fn settings(url: &str) -> Settings {
    toml::from_str(&format!("url = \"{url}\"\ntimeout_s = 2\ngive_up_s = 0")).unwrap()
}

fn post(settings: &Settings) -> Post {
    let mut post = Post::new(settings).unwrap();
    post.pause = Duration::from_millis(1);
    post
}

fn said(error: &anyhow::Error) -> String {
    format!("{error:#}")
}

/// Broken if an event is lost when the server restarts, or changes on the way.
#[test]
fn an_event_is_sent_until_it_is_taken() {
    let (url, requests) = server(|number, stream| {
        let answer = match number {
            0 => "",
            1 => "HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\nabc",
            2 => "HTTP/1.1 429 Slower\r\n\r\n",
            3 => "nonsense\r\n\r\n",
            _ => "HTTP/1.1 204 No Content\r\n\r\n",
        };
        let _ = stream.write_all(answer.as_bytes());
    });
    let mut settings = settings(&url);
    settings.give_up_s = 60;
    post(&settings).send(&json!({ "id": 7 })).unwrap();
    let all: Vec<_> = requests.try_iter().collect();
    assert_eq!(all.len(), 5);
    for request in all {
        assert!(
            request.starts_with("POST /events HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(request.ends_with("\r\n\r\n{\"id\":7}"), "{request}");
        let head = request.to_ascii_lowercase();
        assert!(
            head.contains("\r\ncontent-type: application/json\r\n"),
            "{head}"
        );
        assert!(!head.contains("authorization"), "{head}");
    }
}

/// Broken if the agent follows a redirection, repeats what the server does not want, or never gives up.
#[test]
fn refusals_are_final_and_illness_is_not() {
    let answers = [
        ("302 Found\r\nLocation: /events", "answers 302"),
        ("404 Not Found", "answers 404"),
        ("400 Bad Request", "answers 400"),
        ("503 Ill", "given up"),
    ];
    for (answer, reason) in answers {
        let (url, requests) = server(move |_, stream| {
            let _ = write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
        });
        let error = post(&settings(&url)).send(&json!({})).unwrap_err();
        assert!(said(&error).contains(reason), "{error:#}");
        assert_eq!(requests.try_iter().count(), 1, "{answer}");
    }
    // Nobody listens any more.
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    let error = post(&settings(&url)).send(&json!({})).unwrap_err();
    assert!(said(&error).contains("given up"), "{error:#}");
}

/// Broken if an answer without an end is read, kept or waited for.
#[test]
fn endless_and_silent_answers_cost_a_try() {
    fn endless(start: &'static str, more: &'static [u8]) -> (String, Receiver<String>) {
        server(move |_, stream| {
            let _ = stream.write_all(start.as_bytes());
            while stream.write_all(more).is_ok() {}
        })
    }
    let (url, _requests) = endless(
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        &[b'x'; 4096],
    );
    post(&settings(&url)).send(&json!({})).unwrap();
    let (url, _requests) = endless(
        "HTTP/1.1 200 OK\r\n",
        b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n",
    );
    assert!(post(&settings(&url)).send(&json!({})).is_err());
    let (url, _requests) = endless("", &[b'x'; 4096]);
    assert!(post(&settings(&url)).send(&json!({})).is_err());
    // Takes the request and says nothing.
    let mut kept = Vec::new();
    let (url, _requests) = server(move |_, stream| kept.push(stream.try_clone().unwrap()));
    let error = post(&settings(&url)).send(&json!({})).unwrap_err();
    assert!(said(&error).contains("timeout"), "{error:#}");
}

fn secret(folder: &tempfile::TempDir, text: &str) -> std::path::PathBuf {
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.path().join("secret");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
    path
}

/// Broken if a secret is not sent, or is sent in the clear to another machine.
#[test]
fn secrets_go_to_the_server_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = secret(&folder, "open-sesame\n");
    let (url, requests) = server(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
    });
    let mut with = settings(&url);
    with.token_file = Some(path.clone());
    post(&with).send(&json!({})).unwrap();
    let request = requests.recv().unwrap().to_ascii_lowercase();
    assert!(
        request.contains("\r\nauthorization: bearer open-sesame\r\n"),
        "{request}"
    );
    (with.token_file, with.user, with.password_file) = (None, Some("Aladdin".into()), Some(path));
    post(&with).send(&json!({})).unwrap();
    let request = requests.recv().unwrap();
    let line = "uthorization: Basic QWxhZGRpbjpvcGVuLXNlc2FtZQ==\r\n";
    assert!(request.contains(line), "{request}");
    let refused = |settings: &Settings| said(&Post::new(settings).err().unwrap());
    with.url = "http://collector.example/events".into();
    assert!(refused(&with).contains("in the clear"));
    with.insecure = true;
    assert!(Post::new(&with).is_ok());
    with.user = Some("a:b".into());
    assert!(refused(&with).contains("colon"));
    with.user = None;
    assert!(refused(&with).contains("user goes with password_file"));
    for url in [
        "",
        "collector",
        "ftp://host/",
        "http:///x",
        "https://u:p@host/",
        "http://a b/",
    ] {
        assert!(refused(&settings(url)).contains("url"), "{url}");
    }
    let mut bad = settings("https://host/");
    bad.ca_file = Some(secret(&folder, "no certificate"));
    assert!(refused(&bad).contains("no certificate"));
    bad.timeout_s = 0;
    assert!(refused(&bad).contains("timeout_s"));
}

/// Broken if any certificate will do.
#[cfg(feature = "tls")]
#[test]
fn only_the_trusted_certificate_is_talked_to() {
    use crate::outputs::http;
    let folder = tempfile::tempdir().unwrap();
    let certificate = |name: &str| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, made.cert.pem()).unwrap();
        (path, made.signing_key.serialize_pem())
    };
    let (ours, key) = certificate("ours.pem");
    let (theirs, _) = certificate("theirs.pem");
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let listen = free.local_addr().unwrap();
    drop(free);
    let _listener = http::open(&http::Settings {
        listen,
        certificate_file: Some(ours.clone()),
        key_file: Some(secret(&folder, &key)),
        ..http::Settings::default()
    })
    .unwrap();
    let mut settings = settings(&format!("https://localhost:{}/events", listen.port()));
    settings.ca_file = Some(ours);
    let error = post(&settings).send(&json!({})).unwrap_err();
    // The listener of the agent takes no events, and says so inside of TLS.
    assert!(said(&error).contains("answers 405"), "{error:#}");
    settings.ca_file = Some(theirs);
    let error = post(&settings).send(&json!({})).unwrap_err();
    assert!(said(&error).contains("given up"), "{error:#}");
    assert!(!said(&error).contains("answers"), "{error:#}");
}
