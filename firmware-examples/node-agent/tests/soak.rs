//! Simulated hours of a node with 500 variables, time injected: memory stays as it is.
//!
//! `cargo test` simulates one hour; `BELLWETHER_SOAK_HOURS=24 cargo test --release -p bellwether-agent --test soak --
//! --nocapture` a day.

use bellwether_agent::config::Config;
use bellwether_agent::engine::{Node, resident};
use bellwether_hal::linux::probe::{Channel, Measure, Probe, Raw};
use std::time::{Duration, Instant};

const CHIPS: usize = 25;
const SENSORS: usize = 20;

/// A chip whose sensors follow a common load, each with its noise.
struct Chip {
    name: String,
    channels: Vec<Channel>,
    second: u64,
    random: u64,
}

impl Chip {
    fn new(chip: usize) -> Self {
        let channel = |sensor: usize| Channel {
            identity: format!("chip{chip}/temp{sensor}"),
            chip: format!("chip{chip}"),
            sensor: format!("temp{sensor}"),
            unit: "°C",
            measure: if sensor == 0 {
                Measure::Counter
            } else {
                Measure::Gauge
            },
        };
        let channels = (0..SENSORS).map(channel).collect();
        Self {
            name: format!("soak/chip{chip}"),
            channels,
            second: 0,
            random: chip as u64 + 1,
        }
    }

    fn noise(&mut self) -> f64 {
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}

impl Probe for Chip {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn read(&mut self, into: &mut [Raw]) {
        self.second += 1;
        let load = (self.second as f64 / 600.0).sin() + 0.3 * (self.second as f64 / 47.0).sin();
        for (sensor, raw) in into.iter_mut().enumerate() {
            let noise = self.noise();
            *raw = Ok(match sensor {
                0 => (self.second as f64 * 100.0) + 10.0 * load,
                _ => 40.0 + sensor as f64 + (1.0 + sensor as f64 / 10.0) * load + noise,
            });
        }
    }
}

/// Broken by anything that grows with time: queues, journals, events, rows.
#[test]
fn memory_stays_as_it_is() {
    let hours: u64 = std::env::var("BELLWETHER_SOAK_HOURS")
        .ok()
        .and_then(|hours| hours.parse().ok())
        .unwrap_or(1);
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "[agent]\nnode = \"soak\"\nstate = {:?}\nwait_ms = 1000\n[judge]\nfit_share = 1.0\nlearn = 40\nwatch_learn = 600\n",
        folder.path().join("state")
    );
    let config = Config::parse(&text).expect("good");
    let probes = (0..CHIPS).map(|chip| Box::new(Chip::new(chip)) as Box<dyn Probe>);
    let mut node = Node::with(config, probes.collect()).expect("a node");
    let (begin, mut half) = (Instant::now(), 0);
    let seconds = hours * 3600;
    for second in 1..=seconds {
        let framed = node.sample(1_700_000_000_000 + second * 1000, Duration::from_secs(1));
        if framed && second % 1800 < 60 {
            node.finish_fits();
        }
        // The models are fitted: from here on nothing is new.
        if second == seconds / 2 {
            half = resident().expect("/proc");
        }
        if second % 3600 == 0 && hours > 1 {
            println!(
                "hour {}: {} KiB resident",
                second / 3600,
                resident().expect("/proc") / 1024
            );
        }
    }
    let end = resident().expect("/proc");
    let status = node.status();
    println!(
        "{hours} h in {:.1} s: resident {} KiB at half, {} KiB at the end; {} bytes of state, {} events",
        begin.elapsed().as_secs_f64(),
        half / 1024,
        end / 1024,
        status.agent.state_bytes,
        status.started.values().sum::<u64>()
    );
    assert_eq!(status.channels.len(), CHIPS * SENSORS);
    assert!(
        status.groups.iter().all(|group| group.warming == 0),
        "{:?}",
        status.groups
    );
    assert!(status.agent.saves > 0);
    assert!(
        end < half + (2 << 20),
        "{half} bytes at half, {end} at the end"
    );
    node.stop();
}
