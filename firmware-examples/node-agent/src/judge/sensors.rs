//! The health of the sensors of a group, of the smallest capacity that holds it.

use super::model::{Make, make};
use bellwether::Reading;
use bellwether::health::{Complaint, Health};

/// The usual behaviour of each sensor, and the present complaints.
pub trait Sensors: Send {
    /// Learns from a sample.
    fn learn(&mut self, frame: &[Reading]);

    /// Watches a sample.
    fn observe(&mut self, frame: &[Reading]);

    /// Appends the complaints after the last sample.
    fn complaints(&self, into: &mut Vec<Complaint>);

    /// Usual range of a variable.
    fn usual(&self, variable: usize) -> Option<(f32, f32)>;

    /// Samples that were learned from.
    fn rows(&self) -> u32;

    /// Bytes of state.
    fn bytes(&self) -> usize;

    /// The state.
    fn save(&self) -> Vec<u8>;

    /// Takes a state over; false if it is another group's, or damaged.
    fn restore(&mut self, bytes: &[u8]) -> bool;
}

struct Sized<const V: usize> {
    health: Health<V>,
    variables: u16,
}

impl<const V: usize> Sensors for Sized<V> {
    fn learn(&mut self, frame: &[Reading]) {
        self.health.learn(frame);
    }

    fn observe(&mut self, frame: &[Reading]) {
        self.health.observe(frame);
    }

    fn complaints(&self, into: &mut Vec<Complaint>) {
        into.extend(self.health.complaints());
    }

    fn usual(&self, variable: usize) -> Option<(f32, f32)> {
        self.health.usual(variable)
    }

    fn rows(&self) -> u32 {
        self.health.rows()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn save(&self) -> Vec<u8> {
        let mut bytes = vec![0; Health::<V>::SNAPSHOT_MAX];
        let saved = self.health.save(self.variables, &mut bytes);
        bytes.truncate(saved.unwrap_or(0));
        bytes
    }

    fn restore(&mut self, bytes: &[u8]) -> bool {
        self.health.restore(self.variables, bytes).is_ok()
    }
}

struct New;

impl Make for New {
    type Made = Box<dyn Sensors>;

    fn make<const V: usize>(self, variables: usize) -> anyhow::Result<Self::Made> {
        Ok(Box::new(Sized::<V> {
            health: Health::new(),
            variables: u16::try_from(variables)?,
        }))
    }
}

/// Sensors of which nothing is known.
///
/// # Errors
/// There are too many.
pub fn new(variables: usize) -> anyhow::Result<Box<dyn Sensors>> {
    make(New, variables)
}
