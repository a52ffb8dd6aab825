//! The program from outside: its commands, exit codes, signals and files.

mod support;

use bellwether_agent::engine::Request;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;
use support::{Agent, Place, names, number};

const QUICK: &str = "[agent]\nperiod_ms = 20\nwait_ms = 20\n[judge]\ndwell = 3\n";

fn run(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = place.program(arguments).output().expect("the program");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (out.status.code(), text(&out.stdout), text(&out.stderr))
}

/// Broken if `check-config` left something out, or a wrong file were no wrong use.
#[test]
fn a_configuration_is_checked_without_a_trace() {
    let place = Place::new(QUICK);
    let (code, out, error) = run(&place, &["check-config"]);
    assert_eq!(code, Some(0), "{error}");
    for line in [
        "source         hwmon: 8 channels in 1 parts",
        "group ",
        "memory ",
        "acts           never",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(!place.state().exists(), "nothing is written");
    place.configure("[outputs]\nnowhere = 1\n[judeg]\n");
    for command in ["check-config", "run", "once"] {
        let (code, _, error) = run(&place, &[command]);
        assert_eq!(code, Some(2), "{command}: {error}");
        assert!(
            error.contains("agent.toml: line ") && error.contains("outputs.nowhere"),
            "{command}: {error}"
        );
        assert!(error.contains("judeg"), "both: {error}");
    }
    fs::set_permissions(place.config(), fs::Permissions::from_mode(0o666)).expect("allowed");
    let (code, _, error) = run(&place, &["run"]);
    assert!(code == Some(2) && error.contains("chmod go-w"), "{error}");
}

/// Broken if a value were printed for another channel.
#[test]
fn once_prints_every_channel() {
    let place = Place::new(QUICK);
    let (code, out, error) = run(&place, &["once"]);
    assert_eq!((code, out.lines().count()), (Some(0), 8), "{out}{error}");
    assert!(
        out.lines()
            .any(|line| line.contains("temp3") && line.ends_with("\t40.2\t°C")),
        "{out}"
    );
}

/// Broken if SIGHUP lost what was learned, or a wrong file stopped the agent or was taken.
#[test]
fn a_reload_keeps_what_was_learned_and_a_wrong_file_changes_nothing() {
    let place = Place::new(QUICK);
    let mut agent = Agent::start(&place);
    agent.until("samples", |agent| number(&agent.status(), "samples") > 10);
    place.configure("[outputs.nowhere]\n");
    agent.signal("-HUP");
    agent.until("a complaint", |agent| {
        agent.log().contains("not reloaded: ")
    });
    assert!(agent.log().contains("outputs.nowhere"), "{}", agent.log());
    let before = number(&agent.status(), "samples");
    fs::write(place.path("hwmon/hwmon0/temp9_input"), "50000\n").expect("written");
    place.configure("");
    agent.signal("-HUP");
    agent.until("a reload", |agent| {
        agent.log().contains("was read again: 8 of 9 channels")
    });
    let status = agent.status();
    assert!(
        number(&status, "samples") >= before && number(&status, "channels") == 9,
        "{status}"
    );
    agent.signal("-TERM");
    let (code, log) = agent.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(place.state().join("state.bin").exists() && !place.socket().exists());
    let mut agent = Agent::start(&place);
    assert!(agent.restored() >= before, "{}", agent.log());
    agent.until("samples", |agent| {
        number(&agent.status(), "samples") > before
    });
}

/// Broken if words over the socket did nothing, or were forgotten over a crash.
#[test]
fn silence_and_maintenance_outlast_a_crash() {
    let place = Place::new(QUICK);
    let mut agent = Agent::start(&place);
    agent.until("a sample", |agent| number(&agent.status(), "samples") > 1);
    let (code, out, error) = run(&place, &["silence", "90"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "silent for 90 minutes\n"),
        "{error}"
    );
    assert_eq!(run(&place, &["silence"]).0, Some(0));
    assert_eq!(run(&place, &["silence", "0"]).0, Some(1), "no time");
    assert_eq!(
        run(&place, &["silence", "90", "--end"]).0,
        Some(2),
        "two words"
    );
    assert_eq!(
        run(&place, &["silence", "--acknowledge", "1"]).0,
        Some(1),
        "no such event"
    );
    assert_eq!(
        run(&place, &["silence", "--accept", "nobody"]).0,
        Some(1),
        "no such group"
    );
    agent.signal("-KILL");
    agent.end();
    let mut agent = Agent::start(&place);
    let silent = |agent: &Agent, key| agent.status().get(key) == Some(&true.into());
    agent.until("silence", |agent| {
        silent(agent, "silenced") && silent(agent, "maintenance")
    });
    assert_eq!(run(&place, &["silence", "--end"]).0, Some(0));
    agent.until("its end", |agent| {
        !silent(agent, "silenced") && !silent(agent, "maintenance")
    });
    let (code, out, _) = run(&place, &["silence", "--status"]);
    assert!(code == Some(0) && out.contains("\"samples\""), "{out}");
    drop(agent);
    assert_eq!(
        run(&place, &["silence", "--end"]).0,
        Some(1),
        "nobody is there"
    );
}

/// Broken if the job of the file were not that of the state, or a hostile file stopped the agent.
#[test]
fn the_job_file_is_followed() {
    let place = Place::new(QUICK);
    let mut agent = Agent::start(&place);
    place.write("job", r#"{"RMS_JOB_ID": "74129"}"#);
    let job = |agent: &Agent| {
        agent
            .status()
            .get("job")
            .and_then(|job| job.as_str().map(str::to_owned))
    };
    agent.until("the job", |agent| job(agent).as_deref() == Some("74129"));
    place.write("job", "{\"RMS_JOB_ID\": ");
    agent.until("its end", |agent| {
        job(agent).is_none() && agent.log().contains("no JSON object")
    });
    fs::remove_file(place.path("job")).expect("there");
    assert_eq!(
        agent.log().matches("job file").count(),
        1,
        "{}",
        agent.log()
    );
}

/// Broken if a folder that others can write were used, or a second agent took the first one's place.
#[test]
fn places_of_others_and_second_agents_are_refused() {
    let place = Place::new(QUICK);
    fs::create_dir(place.state()).expect("made");
    fs::set_permissions(place.state(), fs::Permissions::from_mode(0o777)).expect("allowed");
    let (code, _, error) = run(&place, &["run"]);
    assert!(
        code == Some(1) && error.contains("agent.state") && error.contains("chmod go-w"),
        "{error}"
    );
    fs::set_permissions(place.state(), fs::Permissions::from_mode(0o700)).expect("allowed");
    let agent = Agent::start(&place);
    let (code, _, error) = run(&place, &["run"]);
    assert!(
        code == Some(1) && error.contains("another agent listens there"),
        "{error}"
    );
    assert!(
        agent
            .ask(&Request::Save {})
            .is_ok_and(|answer| answer.done.is_some())
    );
    assert!(
        names(&place.state())
            .iter()
            .all(|name| !name.contains("damaged"))
    );
}

/// Broken if systemd took the agent for dead, or not for ready.
#[test]
fn systemd_hears_of_ready_alive_reloading_and_the_end() {
    let place = Place::new(QUICK);
    let path = place.path("notify");
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a time");
    let agent = Agent::start_with(&place, |command| {
        command
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", "90000");
    });
    let until = |word: &str| {
        let mut bytes = [0; 4096];
        loop {
            let read = manager
                .recv(&mut bytes)
                .unwrap_or_else(|error| panic!("no {word}: {error}"));
            let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
            if text.lines().any(|line| line == word) {
                return text;
            }
        }
    };
    assert!(until("READY=1").contains("STATUS=8 channels in 1 groups"));
    until("WATCHDOG=1");
    until("WATCHDOG=1");
    agent.signal("-HUP");
    assert!(until("RELOADING=1").contains("MONOTONIC_USEC="));
    until("READY=1");
    agent.signal("-TERM");
    until("STOPPING=1");
    assert_eq!(agent.end().0, Some(0));
}
