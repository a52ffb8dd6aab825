//! Probes: what an agent reads of a Linux host, many channels at a time.

use bellwether::Cause;
use core::time::Duration;
use std::string::String;

/// The meaning of a channel's raw values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// A value of the moment.
    Gauge,
    /// A number that grows: its rate per second is the reading.
    Counter,
    /// A counter of errors, corrected ones too: its rate is the reading, and any growth is worth a look.
    Errors,
}

/// One quantity that a probe reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// A name that survives restarts, renumbering by the kernel and other sensors' comings and goings, as
    /// `0000:00:18.3/k10temp/temp1:Tctl` or `proc/stat/cpu/user`.
    pub identity: String,
    /// Label `chip` as node_exporter makes it, so that metrics join; otherwise the device.
    pub chip: String,
    /// Label `sensor` as node_exporter makes it; otherwise the quantity.
    pub sensor: String,
    /// Unit of the reading: `°C`, `W`, `1/s`; empty for a number.
    pub unit: &'static str,
    /// Its kind.
    pub measure: Measure,
}

/// A raw value in the unit of the channel (of a counter, before it becomes a rate), or the cause of its absence.
pub type Raw = Result<f64, Cause>;

/// A part of the machine that is read at once: a chip, a file of the kernel, an endpoint.
///
/// A call may take as long as the device wants. Callers read where they may wait, and go on without a probe that
/// hangs. A probe keeps its channels for its lifetime; what is gone is absent until it returns.
pub trait Probe: Send {
    /// Name of the source and the part, as `hwmon/0000:00:18.3/k10temp`.
    fn name(&self) -> &str;

    /// The channels, in the order of the values.
    fn channels(&self) -> &[Channel];

    /// Reads all channels once, into as many places.
    fn read(&mut self, into: &mut [Raw]);

    /// Least time from one reading to the next; zero for as often as somebody asks. Until the next reading, the
    /// last values hold.
    fn period(&self) -> Duration {
        Duration::ZERO
    }
}
