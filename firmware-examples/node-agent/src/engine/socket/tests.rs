use super::*;
use crate::engine::wake::Sleeper;

/// A socket whose daemon answers everything with `yes`.
fn yes() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run/agent.sock");
    let sleeper = Sleeper::new().expect("descriptors");
    let socket = Socket::listen(&path, sleeper.bell().expect("descriptors")).expect("free");
    thread::spawn(move || {
        while let Ok(asked) = socket.asked.recv() {
            let _ = asked.reply.send(Answer::done("yes"));
        }
    });
    (folder, path)
}

/// The socket's answer to these bytes.
fn said(path: &Path, bytes: &[u8]) -> Answer {
    let mut stream = UnixStream::connect(path).expect("it listens");
    // It may close before it has taken everything.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    serde_json::from_slice(&answer).unwrap_or_default()
}

/// Broken if a request were not understood as the client writes it.
#[test]
fn every_request_arrives() {
    let (_folder, path) = yes();
    let silence = Request::Silence { minutes: Some(90) };
    let requests = [
        silence,
        Request::End {},
        Request::Acknowledge { id: 7 },
        Request::Accept {
            group: "hwmon".into(),
        },
        Request::Status {},
        Request::Save {},
    ];
    for ask in requests {
        let answer = request(&path, &ask).expect("an answer");
        assert_eq!(answer.done.as_deref(), Some("yes"), "{ask:?}");
    }
    let mode = fs::metadata(path.parent().expect("a folder"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o750);
}

/// Broken if a malformed or huge request reached the daemon or ended the thread.
#[test]
fn hostile_requests_get_a_line_and_no_more() {
    let (_folder, path) = yes();
    let huge = vec![b'['; 1 << 20];
    let cases: [&[u8]; 7] = [
        b"",
        b"\n",
        b"{\"do\": \"reboot\"}\n",
        b"{\"do\": \"silence\", \"minutes\": -1}\n",
        b"{\"do\": \"acknowledge\", \"id\": 1e99}\n",
        b"\xff\xfe\n",
        b"{\"do\": \"end\", \"also\": 1}\n",
    ];
    for bytes in cases {
        let answer = said(&path, bytes);
        assert!(
            answer.failed.is_some(),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    // The rest of it is not read, so that the answer may be lost with the connection.
    assert!(said(&path, &huge).done.is_none());
    assert!(request(&path, &Request::End {}).is_ok_and(|answer| answer.done.is_some()));
}

/// Broken if one client that says nothing kept the next one for longer than its own time.
#[test]
fn a_slow_client_is_given_up() {
    let (_folder, path) = yes();
    let slow = UnixStream::connect(&path).expect("it listens");
    (&slow).write_all(b"{").expect("taken");
    assert!(request(&path, &Request::End {}).is_ok_and(|answer| answer.done.is_some()));
}

/// Broken if the socket were opened where others can replace it, or over another file.
#[test]
fn places_of_others_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = folder.path().join("open");
    fs::create_dir(&open).expect("made");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("allowed");
    let bell = || {
        Sleeper::new()
            .and_then(|sleeper| sleeper.bell())
            .expect("descriptors")
    };
    let error = Socket::listen(&open.join("s"), bell()).expect_err("refused");
    assert!(format!("{error:#}").contains("chmod go-w"), "{error:#}");
    let file = folder.path().join("file");
    fs::write(&file, "kept").expect("written");
    let error = Socket::listen(&file, bell()).expect_err("refused");
    assert!(format!("{error:#}").contains("no socket"), "{error:#}");
    assert_eq!(fs::read(&file).expect("there"), b"kept");
}
