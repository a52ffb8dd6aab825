use super::*;
use crate::outputs::testing;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::io::{IoSliceMut, Read as _, Seek as _};

/// A journal: it reads records as the native protocol has them.
struct Reader {
    socket: UnixDatagram,
    _folder: tempfile::TempDir,
}

fn journal() -> (Reader, Box<dyn Sink>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let sink = open(&Settings { socket: path }).unwrap();
    (
        Reader {
            socket,
            _folder: folder,
        },
        sink,
    )
}

impl Reader {
    /// The next record, and whether it came in a file.
    fn next(&self) -> (Vec<(String, String)>, bool) {
        let mut bytes = vec![0; 1 << 20];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let got = recvmsg(&self.socket, &mut parts, &mut ancillary, RecvFlags::empty()).unwrap();
        bytes.truncate(got.bytes);
        let mut in_file = false;
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(files) = message {
                for file in files {
                    let seals = rustix::fs::fcntl_get_seals(&file).unwrap();
                    assert!(seals.contains(SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK));
                    let mut file = File::from(file);
                    file.rewind().unwrap();
                    file.read_to_end(&mut bytes).unwrap();
                    in_file = true;
                }
            }
        }
        (parse(&bytes), in_file)
    }
}

fn parse(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.iter().position(|&byte| byte == b'\n').unwrap();
        let line = str::from_utf8(&bytes[..end]).unwrap();
        bytes = &bytes[end + 1..];
        if let Some((name, value)) = line.split_once('=') {
            fields.push((name.into(), value.into()));
            continue;
        }
        let (length, rest) = bytes.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let value = str::from_utf8(&rest[..length]).unwrap();
        assert_eq!(rest[length], b'\n');
        fields.push((line.into(), value.into()));
        bytes = &rest[length + 1..];
    }
    fields
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let fields = fields.iter().filter(|(field, _)| field == name);
    fields.map(|(_, value)| &**value).collect()
}

/// Broken if a field that people search for is missing or has another name.
#[test]
fn an_event_has_its_fields() {
    let (reader, mut sink) = journal();
    let mut event = testing::event();
    let mut second = event.variables[0].clone();
    second.channel = "proc/loadavg/1".into();
    event.variables.push(second);
    sink.tell(&event).unwrap();
    let (fields, in_file) = reader.next();
    assert!(!in_file);
    for (name, expected) in [
        ("MESSAGE", &*event.message),
        ("MESSAGE_ID", START),
        ("PRIORITY", "4"),
        ("SYSLOG_IDENTIFIER", "bellwether-agent"),
        ("BELLWETHER_EVENT_ID", "7"),
        ("BELLWETHER_PHASE", "start"),
        ("BELLWETHER_KIND", "anomaly"),
        ("BELLWETHER_SEVERITY", "warning"),
        ("BELLWETHER_NODE", "n001"),
        ("BELLWETHER_GROUP", "hwmon"),
        ("BELLWETHER_SINCE", "2026-11-29T14:00:00.000Z"),
        ("BELLWETHER_AT", "2026-11-29T14:00:30.500Z"),
        ("BELLWETHER_SCORE", "5.5"),
        ("BELLWETHER_THRESHOLD", "4"),
        ("BELLWETHER_VALUE", "81.5"),
        ("BELLWETHER_EXPECTED", "47.25"),
        ("BELLWETHER_JOB", "4711"),
    ] {
        assert_eq!(value(&fields, name), [expected], "{name}");
    }
    let channels = value(&fields, "BELLWETHER_CHANNEL");
    assert_eq!(
        channels,
        ["0000:00:18.3/k10temp/temp1:Tctl", "proc/loadavg/1"]
    );
    event.phase = Phase::Clear;
    sink.tell(&event).unwrap();
    let (fields, _) = reader.next();
    assert_eq!(
        (value(&fields, "PRIORITY"), value(&fields, "MESSAGE_ID")),
        (vec!["5"], vec![CLEAR])
    );
}

/// Broken if a line break in a label makes a field of its own: anybody who names a sensor could write the journal.
#[test]
fn hostile_text_stays_inside_of_its_field() {
    let (reader, mut sink) = journal();
    let mut event = testing::event();
    let evil = "x\nPRIORITY=0\nBELLWETHER_KIND=stuck\n=\0";
    event.message = evil.into();
    event.node = evil.into();
    event.variables[0].channel = evil.into();
    sink.tell(&event).unwrap();
    let (fields, _) = reader.next();
    assert_eq!(value(&fields, "PRIORITY"), ["4"]);
    assert_eq!(value(&fields, "BELLWETHER_KIND"), ["anomaly"]);
    for name in ["MESSAGE", "BELLWETHER_NODE", "BELLWETHER_CHANNEL"] {
        assert_eq!(value(&fields, name), [evil], "{name}");
    }
}

/// Broken if an event that is larger than a datagram is lost.
#[test]
fn a_large_event_goes_through_memory() {
    let (reader, mut sink) = journal();
    let mut event = testing::event();
    event.message = "x".repeat(700_000);
    sink.tell(&event).unwrap();
    let (fields, in_file) = reader.next();
    assert!(in_file);
    assert_eq!(value(&fields, "MESSAGE"), [event.message]);
    assert_eq!(value(&fields, "BELLWETHER_EVENT_ID"), ["7"]);
}

/// Broken if the agent needs its journal at the start, or does not find it again after it was restarted.
#[test]
fn the_journal_may_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let mut sink = open(&Settings {
        socket: path.clone(),
    })
    .unwrap();
    let error = format!("{:#}", sink.tell(&testing::event()).unwrap_err());
    assert!(error.contains(&path.display().to_string()), "{error}");
    for _ in 0..2 {
        let socket = UnixDatagram::bind(&path).unwrap();
        sink.tell(&testing::event()).unwrap();
        assert!(socket.recv(&mut [0; 4096]).unwrap() > 100);
        drop(socket);
        std::fs::remove_file(&path).unwrap();
        assert!(sink.tell(&testing::event()).is_err());
    }
    let long = PathBuf::from(format!("/{}", "x".repeat(300)));
    assert!(open(&Settings { socket: long }).is_err());
}
