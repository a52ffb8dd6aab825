//! The sensors of a Linux host, as the kernel shows them in `/sys/class/hwmon`.
//!
//! A sensor's identity is what the kernel calls the device, the chip's name, the input and its
//! label, as in `0000:00:18.3/k10temp/temp1:Tctl`. The number in `hwmonN` is not part of it,
//! because it changes between boots and when a driver is loaded again.
//!
//! Reading a sensor can take as long as its driver wants (some ask a management controller),
//! so call from a thread that may wait, and leave slow sensors out with a [`Selection`].

mod chip;
mod input;
mod selection;

pub use input::{Input, InputError, Quantity};
pub use selection::Selection;

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

/// Where the kernel shows the sensors.
pub const ROOT: &str = "/sys/class/hwmon";

/// Frames from the sensors that were found at start, one variable each, in the order of their
/// identities.
///
/// A sensor that cannot be read is absent in its own place, and [`inputs`](Self::inputs) says
/// why. One that vanishes is absent until a chip of its identity is there again, under whatever
/// number. One that appears later is not added: the number of variables stays.
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
    /// Looks for sensors below `root` ([`ROOT`] on a real machine). A chip or an input that
    /// cannot be identified is passed over; there may be none. The first tick is 0.
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

    /// Identities that more than one chip had at start. Their sensors are left out, as only
    /// `hwmonN` could tell them apart.
    pub fn ambiguous(&self) -> &[String] {
        &self.ambiguous
    }

    /// Says that this many periods passed without a frame: the next tick is that much
    /// higher, which a detector sees as a gap.
    pub const fn skip(&mut self, frames: u64) {
        self.ticks.skip(frames);
    }
}

impl FrameSource for Hwmon {
    type Error = FrameTooSmall;

    fn variables(&self) -> usize {
        self.inputs.len()
    }

    /// Costs a listing of the root, two short reads per chip there, and two per sensor;
    /// allocates for their names and texts. If the root is gone, all is absent. Never `None`.
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
