//! A small controller behind a real server, and controllers that are hostile.

use super::answers::{Collection, Link, Report, Root, SensorAnswer};
use super::{Login, Redfish, RedfishError, Settings};
use crate::linux::probe::{Probe, Raw};
use crate::linux::selection::Selection;
use crate::linux::served::{Served, answer, path};
use bellwether::Cause;
use core::time::Duration;
use proptest::prelude::*;
use std::borrow::ToOwned;
use std::io::Write;
use std::net::TcpStream;
use std::string::{String, ToString};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::vec::Vec;
use std::{format, thread, vec};
use tiny_http::{Header, Method, Response, Server};

const LIMIT: Duration = Duration::from_secs(60);
const SENSORS: &str = "/redfish/v1/Chassis/1U/Sensors";
const MISSING: Raw = Err(Cause::Missing);

fn settings(url: &str) -> Settings {
    Settings {
        name: "bmc".to_owned(),
        url: url.to_owned(),
        login: Login::None,
        roots: None,
        limit: LIMIT,
        whole: LIMIT,
        period: Duration::from_secs(10),
        selection: Selection::default(),
        sensors: true,
        reports: true,
    }
}

fn read(probe: &mut Redfish) -> Vec<Raw> {
    let mut values = vec![Ok(-1.0); probe.channels().len()];
    probe.read(&mut values);
    values
}

fn names(probe: &Redfish) -> Vec<&str> {
    probe
        .channels()
        .iter()
        .map(|c| c.identity.as_str())
        .collect()
}

/// A controller's tree. Its fan stands still when `still` is set.
fn tree(path: &str, expands: bool, still: bool) -> Option<String> {
    let fan = if still { 0 } else { 4200 };
    let sensor =
        |id: &str, rest: &str| format!(r#"{{"@odata.id":"{SENSORS}/{id}","Id":"{id}",{rest}}}"#);
    let inlet = sensor(
        "inlet",
        r#""Reading":22.5,"ReadingUnits":"Cel","Status":{"State":"Enabled"}"#,
    );
    let fan = sensor("fan1", &format!(r#""Reading":{fan},"ReadingUnits":"RPM""#));
    let psu = sensor(
        "psu2",
        r#""Reading":0,"ReadingUnits":"W","Status":{"State":"Absent"}"#,
    );
    let door = sensor("door", r#""Reading":null"#);
    let link = |id: &str| format!(r#"{{"@odata.id":"{SENSORS}/{id}"}}"#);
    Some(match path {
        "/redfish/v1/" => format!(
            r#"{{"Chassis":{{"@odata.id":"/redfish/v1/Chassis"}},"TelemetryService":{{"@odata.id":"/redfish/v1/TelemetryService"}},
            "ProtocolFeaturesSupported":{{"ExpandQuery":{{"NoLinks":{expands},"Levels":true}}}}}}"#
        ),
        "/redfish/v1/Chassis" => r#"{"Members":[{"@odata.id":"/redfish/v1/Chassis/1U"},{"@odata.id":"http://evil/x"},7]}"#.to_owned(),
        "/redfish/v1/Chassis/1U" => format!(r#"{{"Id":"1U","Sensors":{{"@odata.id":"{SENSORS}"}}}}"#),
        SENSORS => format!(
            r#"{{"Members":[{},{}],"Members@odata.nextLink":"{SENSORS}?$skip=2"}}"#, link("inlet"), link("fan1")
        ),
        "/redfish/v1/Chassis/1U/Sensors?$skip=2" => format!(r#"{{"Members":[{},{}]}}"#, link("psu2"), link("door")),
        "/redfish/v1/Chassis/1U/Sensors?$expand=.($levels=1)" => {
            format!(r#"{{"Members":[{inlet},{fan},{psu},{door}]}}"#)
        }
        "/redfish/v1/Chassis/1U/Sensors/inlet" => inlet,
        "/redfish/v1/Chassis/1U/Sensors/fan1" => fan,
        "/redfish/v1/Chassis/1U/Sensors/psu2" => psu,
        "/redfish/v1/Chassis/1U/Sensors/door" => door,
        "/redfish/v1/TelemetryService" => r#"{"MetricReports":{"@odata.id":"/redfish/v1/TelemetryService/MetricReports"}}"#.to_owned(),
        "/redfish/v1/TelemetryService/MetricReports" => {
            r#"{"Members":[{"@odata.id":"/redfish/v1/TelemetryService/MetricReports/Power"}]}"#.to_owned()
        }
        "/redfish/v1/TelemetryService/MetricReports/Power" => r#"{"Id":"Power","MetricValues":[
            {"MetricId":"total","MetricValue":"401.5"},{"MetricId":"gpu","MetricProperty":"/a#/0","MetricValue":"1"},
            {"MetricId":"gpu","MetricProperty":"/a#/1","MetricValue":"2"},{"MetricId":"state","MetricValue":"On"}]}"#
            .to_owned(),
        _ => return None,
    })
}

/// A controller behind tiny_http, with a user `op`, password `sesame`, and sessions. It ends with its test.
struct Controller {
    server: Arc<Server>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Controller {
    fn start(expands: bool) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (serving, noted) = (Arc::clone(&server), Arc::clone(&requests));
        thread::spawn(move || {
            let mut session = 0;
            for mut request in serving.incoming_requests() {
                let url = request.url().to_owned();
                noted
                    .lock()
                    .unwrap()
                    .push(format!("{} {url}", request.method()));
                let header = |name: &'static str| {
                    let mut headers = request.headers().iter();
                    headers
                        .find(|h| h.field.equiv(name))
                        .map(|h| h.value.as_str().to_owned())
                };
                // `op:sesame`, as `printf op:sesame | base64` writes it.
                let basic = header("Authorization") == Some("Basic b3A6c2VzYW1l".to_owned());
                let token = header("X-Auth-Token") == Some(format!("token{session}"));
                let text = |status: u16, body: String| {
                    Response::from_string(body).with_status_code(status)
                };
                let _ = match (request.method().clone(), url.as_str()) {
                    (Method::Post, "/redfish/v1/SessionService/Sessions") => {
                        let mut body = String::new();
                        request.as_reader().read_to_string(&mut body).unwrap();
                        if body.contains(r#""Password":"sesame""#)
                            && body.contains(r#""UserName":"op""#)
                        {
                            session += 1;
                            let place = "/redfish/v1/SessionService/Sessions/1";
                            let headers = [
                                ("X-Auth-Token", format!("token{session}")),
                                ("Location", place.to_owned()),
                            ];
                            let mut answer = text(201, "{}".to_owned());
                            for (name, value) in headers {
                                answer.add_header(Header::from_bytes(name, value).unwrap());
                            }
                            request.respond(answer)
                        } else {
                            request.respond(text(401, String::new()))
                        }
                    }
                    (Method::Delete, _) => request.respond(text(204, String::new())),
                    // The moment at which the controller forgets its sessions.
                    (_, "/forget") => {
                        session += 1;
                        request.respond(text(200, String::new()))
                    }
                    (_, "/redfish/v1/") => {
                        request.respond(text(200, tree(&url, expands, false).unwrap()))
                    }
                    _ if !basic && !token => request.respond(text(401, String::new())),
                    _ => match tree(&url, expands, false) {
                        Some(body) => request.respond(text(200, body)),
                        None => request.respond(text(404, String::new())),
                    },
                };
            }
        });
        Self { server, requests }
    }

    fn url(&self) -> String {
        format!("http://{}", self.server.server_addr().to_ip().unwrap())
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn op(password: &str) -> (String, String) {
    ("op".to_owned(), password.to_owned())
}

fn basic(password: &str) -> Login {
    let (user, password) = op(password);
    Login::Basic { user, password }
}

fn session(password: &str) -> Login {
    let (user, password) = op(password);
    Login::Session { user, password }
}

#[test]
fn sensors_and_reports_are_channels() {
    // Broken if a page, a sensor without expansion, a unit or a metric gets lost, or an absent part has a value.
    let expected = [
        "redfish/bmc/1U/inlet",
        "redfish/bmc/1U/fan1",
        "redfish/bmc/1U/psu2",
        "redfish/bmc/telemetry/Power/gpu:/a#/0",
        "redfish/bmc/telemetry/Power/gpu:/a#/1",
        "redfish/bmc/telemetry/Power/total",
    ];
    let values = [Ok(22.5), Ok(4200.0), MISSING, Ok(1.0), Ok(2.0), Ok(401.5)];
    for (expands, asked) in [(true, 2), (false, 4)] {
        let controller = Controller::start(expands);
        let login = basic("sesame");
        let mut probe = Redfish::open(Settings {
            login,
            ..settings(&controller.url())
        })
        .unwrap();
        assert_eq!(names(&probe), expected);
        let units: Vec<_> = probe.channels().iter().map(|c| c.unit).take(3).collect();
        assert_eq!(units, ["°C", "rpm", "W"]);
        let before = controller.count();
        assert_eq!(read(&mut probe), values);
        assert_eq!(controller.count() - before, asked, "requests of a reading");
        let deny = vec!["telemetry".to_owned(), "/fan".to_owned()];
        let selection = Selection {
            deny,
            ..Selection::default()
        };
        let login = basic("sesame");
        let probe = Redfish::open(Settings {
            login,
            selection,
            ..settings(&controller.url())
        })
        .unwrap();
        assert_eq!(
            names(&probe),
            ["redfish/bmc/1U/inlet", "redfish/bmc/1U/psu2"]
        );
    }
}

#[test]
fn a_session_is_renewed_and_given_back() {
    // Broken if a controller that forgets its sessions is lost, or its few sessions are used up.
    let controller = Controller::start(true);
    let login = session("sesame");
    let mut probe = Redfish::open(Settings {
        login,
        ..settings(&controller.url())
    })
    .unwrap();
    assert_eq!(read(&mut probe)[0], Ok(22.5));
    ureq::get(format!("{}/forget", controller.url()))
        .call()
        .unwrap();
    assert_eq!(read(&mut probe)[0], Ok(22.5));
    drop(probe);
    let requests = controller.requests.lock().unwrap();
    let started = requests
        .iter()
        .filter(|request| request.starts_with("POST"))
        .count();
    assert_eq!(
        (started, requests.last().unwrap().as_str()),
        (2, "DELETE /redfish/v1/SessionService/Sessions/1")
    );
}

#[test]
fn a_wrong_password_is_refused_and_never_shown() {
    // Broken if a wrong password looks like a machine without sensors, or is in a message.
    let controller = Controller::start(true);
    for login in [basic("wrong"), session("wrong"), Login::None] {
        let settings = Settings {
            login,
            ..settings(&controller.url())
        };
        assert!(!format!("{settings:?}").contains("wrong"));
        assert!(matches!(
            Redfish::open(settings),
            Err(RedfishError::Refused)
        ));
    }
}

#[test]
fn a_password_is_not_sent_in_the_clear() {
    // Broken if a password leaves the machine without encryption.
    for (url, login) in [
        ("http://10.1.0.7", basic("sesame")),
        ("http://127.evil.example", session("sesame")),
        ("https://10.1.0.7", Login::None),
        ("ftp://127.0.0.1", Login::None),
        ("127.0.0.1", Login::None),
        ("http://", Login::None),
        ("http://127.0.0.1/redfish", Login::None),
        ("http://a@127.0.0.1", Login::None),
    ] {
        let refused = Redfish::open(Settings {
            login,
            ..settings(url)
        });
        assert!(matches!(refused, Err(RedfishError::Settings(_))), "{url}");
    }
}

/// The behaviour of a hostile controller when it is asked for its sensors.
static TURN: AtomicUsize = AtomicUsize::new(0);

fn hostile(head: &str, stream: &mut TcpStream) {
    let path = path(head);
    let ok = |stream: &mut TcpStream, body: &str| answer(stream, "200 OK", "", body.as_bytes());
    if path == "/redfish/v1/" {
        // As many controllers do.
        return answer(
            stream,
            "308 Permanent Redirect",
            "Location: /redfish/v1/root\r\n",
            b"",
        );
    }
    if path == "/redfish/v1/root" {
        return ok(stream, &tree("/redfish/v1/", true, false).unwrap());
    }
    if !path.starts_with(SENSORS) {
        return ok(stream, &tree(&path, true, false).unwrap());
    }
    match TURN.load(Ordering::Relaxed) {
        0 => ok(stream, &tree(&path, true, true).unwrap()),
        1 => answer(stream, "401 Unauthorized", "", b""),
        2 => answer(
            stream,
            "302 Found",
            "Location: http://127.0.0.1:1/other\r\n",
            b"",
        ),
        3 => answer(stream, "302 Found", &format!("Location: {path}\r\n"), b""),
        4 => ok(stream, &tree(&path, true, false).unwrap()[..60]),
        5 => {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"Members\":["));
        }
        6 => ok(stream, &"[".repeat(1 << 20)),
        7 => ok(stream, "\u{fffd}\u{0}"),
        8 => answer(stream, "200 OK", "", b"{\"Members\":\"\xff\"}"),
        9 => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"Members\":[");
            while stream.write_all(&[b' '; 1 << 16]).is_ok() {}
        }
        10 => ok(
            stream,
            r#"{"Members":{"a":1},"Members@odata.nextLink":{"x":[]}}"#,
        ),
        11 => ok(
            stream,
            &format!(
                r#"{{"Members":[7,null,"x",[1],{{"@odata.id":5}},{{"@odata.id":"{SENSORS}/inlet","Reading":{{"a":1}}}},
            {{"@odata.id":"{SENSORS}/fan1","Reading":"NaN","Status":[1]}}]}}"#
            ),
        ),
        12 => ok(
            stream,
            &format!(r#"{{"Members":[],"Members@odata.nextLink":"{path}&again"}}"#),
        ),
        _ => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(b" ").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn a_hostile_controller_costs_only_its_sensors() {
    // Broken if an answer that is slow, huge, torn, deep, of wrong types or leads away is believed or stalls.
    let served = Served::start(hostile);
    TURN.store(0, Ordering::Relaxed);
    let limit = Duration::from_secs(5);
    let mut probe = Redfish::open(Settings {
        limit,
        ..settings(&served.url(""))
    })
    .unwrap();
    let metrics = [Ok(1.0), Ok(2.0), Ok(401.5)];
    assert_eq!(read(&mut probe)[..3], [Ok(22.5), Ok(0.0), MISSING]);
    for turn in 1..14 {
        TURN.store(turn, Ordering::Relaxed);
        let values = read(&mut probe);
        let expected = match turn {
            10 | 12 => [MISSING; 3],
            11 => [Err(Cause::Sensor), MISSING, MISSING],
            _ => [Err(Cause::Sensor); 3],
        };
        assert_eq!(values[..3], expected, "{turn}");
        assert_eq!(values[3..], metrics, "{turn}");
    }
    TURN.store(0, Ordering::Relaxed);
    assert_eq!(read(&mut probe)[..3], [Ok(22.5), Ok(0.0), MISSING]);
    drop(served);
    assert!(read(&mut probe).iter().all(Result::is_err));
    assert!(matches!(
        Redfish::open(settings("http://127.0.0.1:1")),
        Err(RedfishError::Silent(_))
    ));
}

#[cfg(feature = "tls")]
#[test]
fn an_encrypted_controller_is_trusted_by_its_certificate_only() {
    // Broken if a controller with another certificate is given the password.
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection, StreamOwned};
    let host = vec!["127.0.0.1".to_owned()];
    let own = rcgen::generate_simple_self_signed(host.clone()).unwrap();
    let other = rcgen::generate_simple_self_signed(host).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming().take(64) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut buffer = [0; 4096];
            let Ok(count) = std::io::Read::read(&mut stream, &mut buffer) else {
                continue;
            };
            asked.fetch_add(1, Ordering::Relaxed);
            let body = tree(
                &path(&String::from_utf8_lossy(&buffer[..count])),
                true,
                false,
            )
            .unwrap_or_default();
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    let with = |pem: String| Settings {
        roots: Some(pem.into_bytes()),
        login: basic("sesame"),
        ..settings(&url)
    };
    assert!(matches!(
        Redfish::open(with(other.cert.pem())),
        Err(RedfishError::Silent(_))
    ));
    assert!(matches!(
        Redfish::open(with("no PEM".to_string())),
        Err(RedfishError::Settings(_))
    ));
    assert_eq!(seen.load(Ordering::Relaxed), 0);
    let mut probe = Redfish::open(with(own.cert.pem())).unwrap();
    assert_eq!(read(&mut probe)[0], Ok(22.5));
}

fn parsed(bytes: &[u8]) {
    let _ = serde_json::from_slice::<Root>(bytes);
    let _ = serde_json::from_slice::<Collection<Link>>(bytes);
    let _ = serde_json::from_slice::<Report>(bytes);
    if let Ok(collection) = serde_json::from_slice::<Collection<SensorAnswer>>(bytes) {
        for sensor in collection.members.0 {
            assert!(sensor.value().is_err() || sensor.value().is_ok_and(f64::is_finite));
        }
    }
}

#[test]
fn deep_and_long_lists_are_bounded() {
    // Broken by a stack that overflows, that of a reader's thread, or a list that is kept whole.
    let deep = || {
        for opened in [
            "[",
            "{\"Members\":",
            "[{\"Reading\":",
            "{\"Members\":[[{\"a\":",
        ] {
            parsed(opened.repeat(1 << 17).as_bytes());
            parsed(format!("{{\"Members\":[{}", opened.repeat(1 << 17)).as_bytes());
        }
    };
    let reader = thread::Builder::new().stack_size(256 << 10).spawn(deep);
    reader.unwrap().join().unwrap();
    let long = format!("{{\"Members\":[{}{{}}]}}", "{},".repeat(1 << 20));
    let collection: Collection<SensorAnswer> = serde_json::from_str(&long).unwrap();
    assert_eq!(collection.members.0.len(), 4096);
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        // Broken by a panic.
        parsed(&bytes);
    }

    #[test]
    fn any_json_is_an_answer(value in json(4)) {
        // Broken by a panic, or if a wrong type of one member fails the whole answer.
        let text = format!(r#"{{"Members":[{value},{{"Reading":{value},"Status":{value},"Id":{value},"ReadingUnits":{value}}}],
            "Members@odata.nextLink":{value},"MetricValues":{value},"Chassis":{value},"ProtocolFeaturesSupported":{value}}}"#);
        parsed(text.as_bytes());
        prop_assert!(serde_json::from_str::<Root>(&text).is_ok());
        prop_assert!(serde_json::from_str::<Report>(&text).is_ok());
        prop_assert!(serde_json::from_str::<Collection<Link>>(&text).is_ok());
        prop_assert!(serde_json::from_str::<Collection<SensorAnswer>>(&text).is_ok());
    }
}

/// Any JSON of a small depth.
fn json(depth: u32) -> impl Strategy<Value = String> {
    let names = "(Reading|State|@odata[.]id|MetricId|MetricValue|ExpandQuery|NoLinks)";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        (-1e9..1e9_f64).prop_map(|n| n.to_string()),
        "[a-zA-Z/.]{0,8}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(depth, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::btree_map(names, inner, 0..4).prop_map(|map| {
                let members: Vec<_> = map
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}
