//! A check at start: golden vectors on the processor at hand.
//!
//! A compiler flag, a library in place of ours, a floating-point unit in another mode or a damaged flash changes bits, and
//! with them verdicts. [`selfcheck`] computes functions, five epochs of a training, a learning detector and an inference,
//! and compares their bits with those of every other machine. Their arguments are hidden from the compiler, which would
//! compute some of them itself.

use crate::detector::Detector;
use crate::detector::repad2::lstm::time_index::Training;
use crate::detector::sigma::{Rules, Settings, Sigma};
use crate::math::{Math, Pade, exp, ln, pow, sqrt};
use crate::model::{Aligned, Model};
use crate::network::{Activations, Network};
use crate::sample::{Reading, Tick};
use core::hint::black_box;

/// A network of 12 inputs, 9 values between and 5 outputs: blocks of four, and what fills none.
static MODEL: Aligned<[u8; BYTES.len()]> = Aligned(*BYTES);
const BYTES: &[u8; 468] = include_bytes!("selfcheck/model.bwm");
/// Values of its arena.
const ARENA: usize = 22;

/// Arguments of the functions.
const ARGUMENTS: [f32; 6] = [1.0e-6, 0.1, 0.7, 1.0, 2.5, 40.0];

/// A check: its name, its digest, and the digest on every machine.
type Check = (&'static str, fn() -> u32, u32);

const CHECKS: [Check; 8] = [
    ("sqrt", || of_function(sqrt), 0x4d6e_7b81),
    ("exp", || of_function(|x| exp(-x)), 0x2aee_923a),
    ("ln", || of_function(ln), 0x3893_3b49),
    ("pow", || of_function(|x| pow(x, 0.4)), 0x3848_6cec),
    ("tanh", || of_function(Pade::tanh), 0xede6_eab7),
    ("training", training, 0xbe08_443d),
    ("detector", detector, 0x7453_4168),
    ("inference", inference, 0xa95a_053e),
];

/// Compares golden vectors with what this processor computes.
///
/// The five epochs are the largest part: a tenth of a training of `FixedSeedLstm`, so some 57,000 instructions on
/// Cortex-M4F (COSTS.md). The network takes 468 bytes of flash, the training 1.5 KB of stack.
///
/// ```
/// assert_eq!(bellwether::selfcheck(), Ok(()));
/// ```
///
/// # Errors
/// The name of the first check whose bits differ: `sqrt`, `exp`, `ln`, `pow`, `tanh`, `training`, `detector`,
/// `inference`.
pub fn selfcheck() -> Result<(), &'static str> {
    let differing = CHECKS
        .iter()
        .find(|(_, digest, golden)| digest() != *golden);
    differing.map_or(Ok(()), |(name, ..)| Err(name))
}

/// FNV-1a over bits.
struct Digest(u32);

impl Digest {
    const NEW: Self = Self(0x811c_9dc5);

    fn add(&mut self, bits: u32) {
        for byte in bits.to_le_bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

fn of_function(function: impl Fn(f32) -> f32) -> u32 {
    let mut digest = Digest::NEW;
    for x in ARGUMENTS {
        digest.add(function(black_box(x)).to_bits());
    }
    digest.0
}

/// Five epochs on a series that rises and falls.
#[inline(never)]
fn training() -> u32 {
    let mut training = Training::IDLE;
    training.start(black_box([0.0, 1.0, 0.25]));
    (0..5).for_each(|_| training.step::<Pade>());
    training.forecast::<Pade>().to_bits()
}

/// Mean and deviation of two variables, learned and then left.
#[inline(never)]
fn detector() -> u32 {
    let settings = Settings {
        learn: 16,
        ..Settings::DEFAULT
    };
    let Ok(rules) = Rules::<2>::try_from(settings) else {
        return 0;
    };
    let (mut sigma, mut digest) = (Sigma::<2>::new(), Digest::NEW);
    for row in 0..24_u16 {
        let x = f32::from(black_box(row) * 7 % 11);
        let frame = [0.3 * x, 40.0 - x * x].map(Reading::Value);
        let answer = sigma.observe(&rules, Tick(row.into()), &frame);
        digest.add(answer.score.map_or(1, f32::to_bits));
        digest.add(answer.threshold.map_or(1, f32::to_bits));
    }
    digest.0
}

/// Two inputs through a network of integers.
#[inline(never)]
fn inference() -> u32 {
    let Ok(model) = Model::parse(&MODEL.0) else {
        return 0;
    };
    let Ok(network) = Network::<ARENA>::new(model) else {
        return 0;
    };
    let (mut activations, mut digest) = (Activations::new(), Digest::NEW);
    for start in [-100_i16, 30] {
        let values = (start..127).step_by(5);
        for (place, value) in activations.inputs().iter_mut().zip(values) {
            *place = black_box(value);
        }
        for output in network.run(&mut activations) {
            digest.add(u32::from(output.cast_unsigned()));
        }
    }
    digest.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Broken by a change of any bit; prints what is computed.
    #[test]
    fn every_check_has_its_golden_digest() {
        let found: Vec<_> = CHECKS
            .iter()
            .map(|(name, digest, _)| (*name, digest()))
            .collect();
        let golden: Vec<_> = CHECKS
            .iter()
            .map(|(name, _, golden)| (*name, *golden))
            .collect();
        assert_eq!(found, golden, "{found:#x?}");
        assert_eq!(selfcheck(), Ok(()));
    }

    /// Broken by checks that all give the same, as those that stop at their first error do.
    #[test]
    fn digests_are_of_different_things() {
        for (k, (name, digest, _)) in CHECKS.iter().enumerate() {
            assert!(digest() != 0, "{name}");
            let again = CHECKS
                .iter()
                .take(k)
                .find(|(_, other, _)| other() == digest());
            assert!(again.is_none(), "{name}");
        }
    }
}
