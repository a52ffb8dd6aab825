//! The program, killed at random moments: at most one save interval of learning is lost, no acknowledged event, and
//! no start is from damaged bytes.
//!
//! `cargo test` kills it 20 times. `BELLWETHER_KILLS=200 cargo test -p bellwether-agent --test kill -- --nocapture`
//! kills it 200 times and prints what was lost.

mod support;

use bellwether_agent::engine::Request;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};
use support::{Agent, Place, number};

const PERIOD_MS: u64 = 10;
const SAVE_MS: u64 = 200;

/// A generator of numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// The test's knowledge of the agent's life.
#[derive(Default)]
struct Seen {
    samples: u64,
    saved: u64,
    /// Events that the agent said it had on disk as acknowledged, and that have not ended since.
    acknowledged: BTreeSet<u64>,
}

impl Seen {
    fn take(&mut self, status: &Value) {
        self.samples = number(status, "samples");
        self.saved = number(status, "saved_samples");
    }
}

fn ids(status: &Value, key: &str) -> BTreeSet<u64> {
    let list = status.get(key).and_then(Value::as_array);
    let id = |item: &Value| {
        item.as_u64()
            .or_else(|| item.get("id").and_then(Value::as_u64))
    };
    list.into_iter().flatten().filter_map(id).collect()
}

/// Broken by a state that is not whole at any moment, or by an answer before the disk.
#[test]
fn killed_at_random_moments_it_loses_no_acknowledged_event() {
    let kills: u64 = std::env::var("BELLWETHER_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(20);
    let mut text = format!(
        "[agent]\nperiod_ms = {PERIOD_MS}\nwait_ms = {PERIOD_MS}\nsave_ms = {SAVE_MS}\n[judge]\ndwell = 3\nagain_s = 0\n"
    );
    // A group for each pair of sensors: a finding each.
    for pair in [[1, 2], [3, 4], [5, 6], [7, 8]] {
        let [a, b] = pair.map(|sensor| format!("*/temp{sensor}*"));
        text += &format!(
            "[[judge.groups]]\nname = \"pair{}\"\nchannels = [{a:?}, {b:?}]\n",
            pair[0]
        );
    }
    let place = Place::new(&text);
    let mut random = Random(16);
    let mut seen = Seen::default();
    let (mut lost_most, mut acknowledged, mut damaged) = (0, 0, 0);
    let mut gone = BTreeSet::new();
    for kill in 0..kills {
        // The end may have come between the two names of a save: then the newest state has another one.
        let both = ["state.bin", "state.1.bin"].map(|name| place.state().join(name).exists());
        let hurt = kill % 10 == 7 && both == [true; 2];
        if hurt {
            let newest = place.state().join("state.bin");
            let mut bytes = fs::read(&newest).expect("a state");
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << random.below(8);
            fs::write(&newest, bytes).expect("written");
            damaged += 1;
        }
        let mut agent = Agent::start(&place);
        let status = agent.status();
        let first = agent.restored();
        if hurt {
            assert!(
                agent.log().contains("set aside"),
                "kill {kill}: {}",
                agent.log()
            );
        } else {
            assert!(
                first >= seen.saved,
                "kill {kill}: {first} samples are back of {} on disk",
                seen.saved
            );
            lost_most = lost_most.max(seen.samples.saturating_sub(first));
            assert!(
                !agent.log().contains("set aside"),
                "kill {kill}: {}",
                agent.log()
            );
        }
        let kept = ids(&status, "acknowledged");
        let on = ids(&status, "active");
        for id in &seen.acknowledged {
            assert!(
                kept.contains(id) && on.contains(id),
                "kill {kill}: event {id} is lost: {status}\n{}",
                agent.log()
            );
        }
        seen.take(&status);
        if kill == 0 {
            // The usual share of lost samples is learned while all sensors are there.
            agent.until("samples", |agent| number(&agent.status(), "samples") > 300);
        }
        // It lives for a while, and is asked all the time, when the end comes.
        let life = Duration::from_millis(random.below(3 * SAVE_MS));
        let end = agent.kill_after(life);
        // A sensor fails or is well again: an event begins or ends.
        let sensor = random.below(8);
        let input = place.input(sensor);
        if kill % 8 == 7 {
            for sensor in std::mem::take(&mut gone) {
                fs::write(place.input(sensor), "40000\n").expect("written");
            }
        } else if gone.insert(sensor) {
            // Not away: a sensor that is away at a start is none of its channels.
            fs::write(&input, "?\n").expect("written");
        }
        let begin = Instant::now();
        while begin.elapsed() < life + Duration::from_secs(20) {
            let Ok(status) = agent.try_status() else {
                break;
            };
            seen.take(&status);
            let on = ids(&status, "active");
            seen.acknowledged.retain(|id| on.contains(id));
            for id in on.difference(&seen.acknowledged.clone()) {
                let answer = agent.ask(&Request::Acknowledge { id: *id });
                if answer.is_ok_and(|answer| answer.done.is_some()) {
                    seen.acknowledged.insert(*id);
                    acknowledged += 1;
                }
            }
            std::thread::sleep(Duration::from_millis(random.below(30)));
        }
        end.join().expect("killed");
        // An event that ended between the last answer and the end is not lost but over: it was told.
        let log = agent.log();
        seen.acknowledged
            .retain(|id| !log.contains(&format!("Clear {id} ")));
    }
    println!(
        "{kills} kills, {damaged} states damaged on purpose: at most {lost_most} samples lost ({} in a save interval), \
         {acknowledged} acknowledged events, none lost",
        SAVE_MS / PERIOD_MS
    );
    assert!(acknowledged > 0, "there were events");
    assert!(seen.saved > 0, "there were saves");
}
