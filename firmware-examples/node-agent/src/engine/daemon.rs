//! The daemon's life: start, wake-ups, requests, reload, end.

use super::node::Node;
use super::notify::Notify;
use super::quiet;
use super::settings::Settings;
use super::socket::Socket;
use super::timeline::{Timeline, Wall};
use super::wake::Sleeper;
use crate::config::Config;
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant, SystemTime};

/// Runs until SIGTERM or SIGINT. `again` reads the configuration after SIGHUP.
///
/// # Errors
/// It cannot start: the folder of the state, the socket, a source or an output cannot be used.
pub fn run(config: Config, again: impl Fn() -> anyhow::Result<Config>) -> anyhow::Result<()> {
    quiet::settle(&config.agent)?;
    let mut sleeper = Sleeper::new()?;
    let socket = match Settings::some(&config.agent.socket) {
        Some(path) => Some(Socket::listen(path, sleeper.bell()?)?),
        None => None,
    };
    let mut node = Node::start(config)?;
    let line = node.line();
    eprintln!(
        "bellwether-agent: {}: {line}; it watches and tells, it never acts",
        node.name()
    );
    Notify::ready(&line);
    let mut period = period(&node);
    let mut now = Instant::now();
    let (mut timeline, mut wall) = (
        Timeline::new(now, period),
        Wall::new(now, SystemTime::now()),
    );
    let mut notify = Notify::new(now);
    let mut last = now.checked_sub(period).unwrap_or(now);
    while !sleeper.stop() {
        let next = timeline.next();
        sleeper.sleep(notify.at_latest().map_or(next, |alive| alive.min(next)));
        notify.alive(Instant::now());
        if sleeper.reload() {
            reload(&mut node, &again);
            if period != self::period(&node) {
                period = self::period(&node);
                timeline = Timeline::new(Instant::now(), period);
            }
        }
        if let Some(socket) = &socket {
            socket.asked.try_iter().for_each(|asked| node.answer(asked));
        }
        now = Instant::now();
        if now < timeline.next() || sleeper.stop() {
            continue;
        }
        let before = work();
        node.cost.woke(timeline.pass(now));
        let (at_ms, set) = wall.at(now, SystemTime::now());
        if let Some(by) = set {
            let by = Duration::from_millis(by.unsigned_abs());
            eprintln!("bellwether-agent: the time of day was set by {by:?}");
            node.clock_was_set();
        }
        let framed = node.sample(at_ms, now - last);
        last = now;
        node.cost.worked(work().saturating_sub(before));
        if framed {
            Notify::status(&node.line());
        }
    }
    Notify::stopping();
    node.stop();
    Ok(())
}

fn reload(node: &mut Node, again: &impl Fn() -> anyhow::Result<Config>) {
    Notify::reloading();
    if let Err(error) = again().and_then(|config| node.reload(config)) {
        let lines = format!("{error:#}");
        for line in lines.lines() {
            eprintln!("bellwether-agent: not reloaded: {line}");
        }
    }
    Notify::ready(&node.line());
}

fn period(node: &Node) -> Duration {
    Duration::from_millis(node.config().agent.period_ms.into())
}

/// Processor time of all threads of this process.
fn work() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}
