//! The sensors of a Linux host, from the kernel's `/sys/class/hwmon`.
//!
//! A sensor's identity is the kernel's name of the device, the chip's name, the input and its
//! label, as in `0000:00:18.3/k10temp/temp1:Tctl`. The number in `hwmonN` is not part of it,
//! because it changes between boots and when a driver is loaded again.
//!
//! Reading a sensor can take as long as its driver wants (some ask a management controller). Call
//! from a thread that may wait, and exclude slow sensors with a [`Selection`].

mod attribute;
mod chip;
mod input;
mod probes;

pub use crate::linux::selection::Selection;
pub use input::{Input, InputError, Quantity};
pub use probes::{Extent, probes};

use crate::Checked;
use crate::source::channels;
use crate::tick::Ticks;
use bellwether::error::FrameTooSmall;
use bellwether::port::FrameSource;
use bellwether::{Reading, Tick};
use std::borrow::ToOwned;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec::Vec;
use std::{fs, io};

/// The kernel's folder of sensors.
pub const ROOT: &str = "/sys/class/hwmon";

/// Frames from the sensors found at start, one variable each, in the order of their identities.
///
/// An unreadable sensor is absent for its own variable, and [`inputs`](Self::inputs) has the
/// reason. A sensor that vanishes is absent until a chip of its identity returns, under any number.
/// A sensor that appears later is not added: the number of variables stays.
///
/// ```no_run
/// use bellwether::{Reading, port::FrameSource, sample::Cause};
/// use bellwether_hal::linux::hwmon::{Hwmon, ROOT, Selection};
/// let deny = vec!["iwlwifi".into(), "/in".into()];
/// let mut node = Hwmon::discover(ROOT, &Selection { deny, ..Selection::default() })?;
/// let mut frame = vec![Reading::Absent(Cause::Missing); node.inputs().len()];
/// let tick = node.next_frame(&mut frame)?;
/// for (channel, reading) in node.inputs().iter().zip(&frame) {
///     let input = channel.sensor();
///     println!("{} {reading:?} {}", input.identity(), input.quantity().unit());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Hwmon {
    root: PathBuf,
    inputs: Vec<Checked<Input>>,
    ambiguous: Vec<String>,
    ticks: Ticks,
}

impl Hwmon {
    /// Finds the sensors below `root` ([`ROOT`] on a real machine). There may be none. Chips and
    /// inputs without an identity are skipped. The first tick is 0.
    ///
    /// # Errors
    /// `root` cannot be listed.
    pub fn discover(root: impl AsRef<Path>, selection: &Selection) -> io::Result<Self> {
        let root = root.as_ref().to_owned();
        fs::read_dir(&root)?;
        let mut inputs = Vec::new();
        let mut ambiguous = Vec::new();
        for (chip, folder) in chip::locate(&root) {
            match folder {
                Some(folder) => inputs.extend(input::list(&chip, &folder)),
                None => ambiguous.push(chip),
            }
        }
        inputs.retain(|input| selection.admits(input.identity()));
        inputs.sort_by(|a, b| a.identity().cmp(b.identity()));
        let everything = f32::NEG_INFINITY..=f32::INFINITY;
        let watch = |input| Checked::new(input, everything.clone());
        Ok(Self {
            root,
            inputs: inputs.into_iter().map(watch).collect(),
            ambiguous,
            ticks: Ticks::default(),
        })
    }

    /// The sensors in the order of the variables, with their counters and last faults.
    pub fn inputs(&self) -> &[Checked<Input>] {
        &self.inputs
    }

    /// Identities with more than one chip at start. Their sensors are left out, as only `hwmonN`
    /// could distinguish them.
    pub fn ambiguous(&self) -> &[String] {
        &self.ambiguous
    }

    /// Skips the ticks of missed periods. A detector sees a gap.
    pub const fn skip(&mut self, frames: u64) {
        self.ticks.skip(frames);
    }
}

impl FrameSource for Hwmon {
    type Error = FrameTooSmall;

    fn variables(&self) -> usize {
        self.inputs.len()
    }

    /// Never `None`. If the root is gone, all readings are absent. Cost: a listing of the root, two
    /// short reads per chip and two per sensor, and allocations for their names and texts.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, FrameTooSmall> {
        // Before each frame: a number may since belong to another chip, and its values must
        // not be taken for those of the chip that had it before.
        let chips = chip::locate(&self.root);
        for input in &mut self.inputs {
            input.sensor_mut().locate(&chips);
        }
        channels::fill(&mut self.inputs, frame)?;
        Ok(Some(self.ticks.take()))
    }
}
