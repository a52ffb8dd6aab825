//! The laws that every detector must obey, and private parts for the tests of other packages.
//!
//! A detector's tests call each law with their own inputs. A broken law panics with the input's
//! number.

mod waves;

pub use crate::detector::repad2::lstm::Weights;
pub use crate::detector::repad2::lstm::adam::Moments;
pub use crate::detector::repad2::lstm::sequence::Training as SequenceTraining;
pub use crate::detector::repad2::lstm::time_index::Training as TimeIndexTraining;
pub use crate::detector::repad2::predictor::min_max::MinMax;
pub use crate::detector::repad2::predictor::tabulated_curves::POINTS;
pub use crate::network::requantise::Multiplier;
pub use crate::threshold::sigmas::{Comparison, ErrorWindow, Sigmas};
pub use waves::Waves;

use crate::detector::repad2::predictor::{
    FixedSeedLstm, Predictor, SequenceLstm, TabulatedLstm, fit,
};
use crate::math::{Libm, Math, Micromath, Pade};
use crate::signal::of_burst;
use crate::snapshot::PIECE_BYTES;
use crate::{Alert, Assessment, Detector, Reading, Snapshot, State, Tick, TransferError};

/// Bits of an assessment: their comparison does not depend on NaN.
fn bits(a: &Assessment) -> (State, [Option<u32>; 3], bool, Alert) {
    (
        a.state,
        [a.expected, a.score, a.threshold].map(|x| x.map(f32::to_bits)),
        a.trained,
        a.alert(),
    )
}

fn observe<D: Detector, F: AsRef<[Reading]>>(
    detector: &mut D,
    rules: &D::Rules<'_>,
    (tick, frame): &(Tick, F),
) -> Assessment {
    detector.observe(rules, *tick, frame.as_ref())
}

/// The same inputs give the same bits, and a detector after `reset` equals a new one.
pub fn deterministic<D: Detector, F: AsRef<[Reading]>>(
    mut fresh: impl FnMut() -> D,
    rules: &D::Rules<'_>,
    inputs: &[(Tick, F)],
) {
    let (mut a, mut b) = (fresh(), fresh());
    for (k, input) in inputs.iter().enumerate() {
        let (a, b) = (observe(&mut a, rules, input), observe(&mut b, rules, input));
        assert_eq!(bits(&a), bits(&b), "input {k}");
    }
    a.reset();
    b = fresh();
    for (k, input) in inputs.iter().enumerate() {
        let (a, b) = (observe(&mut a, rules, input), observe(&mut b, rules, input));
        assert_eq!(bits(&a), bits(&b), "input {k} after reset");
    }
}

/// The first decision comes after exactly [`Detector::warm_up`] usable inputs.
pub fn warms_up_as_declared<D: Detector, F: AsRef<[Reading]>>(
    mut detector: D,
    rules: &D::Rules<'_>,
    inputs: &[(Tick, F)],
) {
    for (k, input) in inputs.iter().enumerate() {
        let state = observe(&mut detector, rules, input).state;
        let warming = matches!(state, State::Warming { .. });
        assert_eq!(
            warming,
            k < D::warm_up(rules) as usize,
            "input {k}: {state:?}"
        );
    }
}

/// Unusable inputs are answered `Blind` and change nothing that was learned: usable inputs get the
/// same answers as without them. `unusable(k)` comes before input k.
pub fn unusable_inputs_change_nothing<D: Detector, F: AsRef<[Reading]>>(
    mut fresh: impl FnMut() -> D,
    rules: &D::Rules<'_>,
    inputs: &[(Tick, F)],
    mut unusable: impl FnMut(usize) -> Option<(Tick, F)>,
) {
    let (mut clean, mut disturbed) = (fresh(), fresh());
    for (k, input) in inputs.iter().enumerate() {
        if let Some(bad) = unusable(k) {
            let state = observe(&mut disturbed, rules, &bad).state;
            assert!(
                matches!(state, State::Blind { .. }),
                "before input {k}: {state:?}"
            );
        }
        let (a, b) = (
            observe(&mut clean, rules, input),
            observe(&mut disturbed, rules, input),
        );
        assert_eq!(bits(&a), bits(&b), "input {k}");
    }
}

/// A detector that is saved after `cut` inputs, restored into a new one and continued gives the
/// bits of the uninterrupted run, from memory and piece by piece. With `damage`, every truncation,
/// every changed byte and every failure of the storage is refused without effect.
pub fn survives_a_snapshot<D: Snapshot, F: AsRef<[Reading]>>(
    mut fresh: impl FnMut() -> D,
    rules: &D::Rules<'_>,
    inputs: &[(Tick, F)],
    cut: usize,
    buffer: &mut [u8],
    damage: bool,
) {
    let mut whole = fresh();
    let (before, after) = inputs.split_at(cut);
    for input in before {
        observe(&mut whole, rules, input);
    }
    let used = whole
        .save(rules, buffer)
        .expect("SNAPSHOT_MAX bytes suffice");
    assert!(used <= D::SNAPSHOT_MAX);
    assert_eq!(pieces_saved(&whole, rules, &buffer[..used]), used);
    let mut restored = fresh();
    let next = restored
        .restore(rules, &buffer[..used])
        .expect("own snapshot");
    assert_eq!(next, whole.next_tick(), "the tick to go on from");
    let mut from_pieces = fresh();
    let (next, reads) = pieces_restored(&mut from_pieces, rules, &buffer[..used], usize::MAX);
    assert_eq!(next, Ok(whole.next_tick()));
    for restored in [&restored, &from_pieces] {
        assert_eq!(pieces_saved(restored, rules, &buffer[..used]), used);
    }
    if damage {
        for length in 0..used {
            assert!(
                restored.restore(rules, &buffer[..length]).is_err(),
                "cut to {length}"
            );
        }
        for at in 0..used {
            for flip in [1u8, 0x80, 0xff] {
                buffer[at] ^= flip;
                assert!(
                    restored.restore(rules, &buffer[..used]).is_err(),
                    "byte {at} ^ {flip}"
                );
                let (refused, _) =
                    pieces_restored(&mut from_pieces, rules, &buffer[..used], usize::MAX);
                assert!(refused.is_err(), "byte {at} ^ {flip} in pieces");
                buffer[at] ^= flip;
            }
        }
        let pieces = used.div_ceil(PIECE_BYTES);
        for failing in 0..pieces {
            let mut piece = 0..;
            let refused = whole.save_to(rules, &mut |_| match piece.next() {
                Some(k) if k == failing => Err(k),
                _ => Ok(()),
            });
            assert_eq!(refused, Err(TransferError::Storage(failing)));
        }
        // Another state, so that a part of the snapshot in it would show.
        let mut other = fresh();
        inputs.iter().for_each(|input| {
            observe(&mut other, rules, input);
        });
        let (before, new) = (digest_of(&other, rules), digest_of(&fresh(), rules));
        for failing in 0..reads {
            let (refused, _) = pieces_restored(&mut other, rules, &buffer[..used], failing);
            assert_eq!(refused, Err(TransferError::Storage(failing)));
            let checking = failing < reads / 2;
            let expected = if checking { before } else { new };
            assert_eq!(digest_of(&other, rules), expected, "read {failing}");
        }
    }
    for (k, input) in after.iter().enumerate() {
        let expected = bits(&observe(&mut whole, rules, input));
        for restored in [&mut restored, &mut from_pieces] {
            let found = bits(&observe(restored, rules, input));
            assert_eq!(found, expected, "input {k} after the cut");
        }
    }
}

/// Saves piece by piece, compares with the snapshot, and returns the length.
fn pieces_saved<D: Snapshot>(detector: &D, rules: &D::Rules<'_>, snapshot: &[u8]) -> usize {
    let mut rest = snapshot;
    let saved = detector.save_to(rules, &mut |piece| {
        let length = rest.len().min(PIECE_BYTES);
        let (expected, next) = rest.split_at(length);
        assert_eq!(piece, expected);
        rest = next;
        Ok::<(), ()>(())
    });
    assert!(rest.is_empty());
    saved.expect("a storage that does not fail")
}

/// Restores piece by piece from a storage that fails at a read. Returns the result and the number
/// of reads.
fn pieces_restored<D: Snapshot>(
    detector: &mut D,
    rules: &D::Rules<'_>,
    snapshot: &[u8],
    failing: usize,
) -> (Result<Tick, TransferError<usize>>, usize) {
    let mut reads = 0;
    let next = detector.restore_from(rules, &mut |offset, piece| {
        assert!((1..=PIECE_BYTES).contains(&piece.len()));
        assert_eq!(offset % 16, 0);
        assert!(offset % PIECE_BYTES + piece.len() <= PIECE_BYTES);
        if reads == failing {
            return Err(reads);
        }
        reads += 1;
        // Damaged lengths lead beyond the end, to erased flash.
        piece.fill(0xff);
        let bytes = snapshot.get(offset..).unwrap_or_default();
        piece
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
        Ok(())
    });
    (next, reads)
}

/// Digest of a detector's snapshot.
fn digest_of<D: Snapshot>(detector: &D, rules: &D::Rules<'_>) -> u32 {
    let mut digest = 0;
    let saved = detector.save_to(rules, &mut |piece| {
        digest = fnv(core::iter::once(digest).chain(piece.iter().map(|byte| u32::from(*byte))));
        Ok::<(), ()>(())
    });
    saved.expect("a storage that does not fail");
    digest
}

/// Contexts for trainings: the published ones, and awkward ones.
const CONTEXTS: [[f32; 3]; 6] = [
    [91.958, 94.798, 92.208],
    [94.798, 92.208, 93.722],
    [34.324, 34.324, 34.322],
    [5.0, 5.0, 5.0],
    [-3.0, 1e-3, 2.5e4],
    [0.3, 0.2, 0.1],
];

/// Digests of every approximation and of the trainings that need little memory, for a comparison of
/// two targets. `say` gets the functions' name, the digest's name, and the digest.
pub fn signature(mut say: impl FnMut(&'static str, &'static str, u32)) {
    type Function = fn(f32) -> f32;
    fn of<M: Math>(say: &mut impl FnMut(&'static str, &'static str, u32)) {
        let functions: [(&'static str, Function); 4] = [
            ("exp", M::exp),
            ("tanh", M::tanh),
            ("sigmoid", M::sigmoid),
            ("sqrt", |x| M::sqrt(crate::math::abs(x))),
        ];
        for (name, function) in functions {
            let values = (-600i16..=600).map(|k| function(f32::from(k) * 0.0173));
            say(M::NAME, name, digest(values));
        }
        let forecasts = CONTEXTS
            .iter()
            .map(|c| fit::<FixedSeedLstm<M>>(c).predict(c));
        say(M::NAME, "training", digest(forecasts));
    }
    of::<Libm>(&mut say);
    of::<Pade>(&mut say);
    of::<Micromath>(&mut say);
    let forecasts = CONTEXTS.iter().map(|c| fit::<TabulatedLstm>(c).predict(c));
    say("table", "training", digest(forecasts));
    say("burst", "features", bursts());
}

/// Digest of the features of bursts of many scales.
fn bursts() -> u32 {
    let (mut samples, mut work) = ([0.0_f32; 256], [0.0; 256]);
    let mut state = 1_u32;
    let mut hash = 0;
    for scale in [1e-30, 1e-3, 1.0, 9.81, 1e30_f32] {
        for (n, sample) in (0_u16..).zip(&mut samples) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as f32 / (1 << 24) as f32;
            *sample = scale * (noise + f32::from(n % 23));
        }
        let features = of_burst(&samples, &mut work);
        let bits = features.map(|x| x.usable().unwrap_or(f32::NAN).to_bits());
        hash = fnv(core::iter::once(hash).chain(bits));
    }
    hash
}

/// The digest of [`SequenceLstm`], which takes about 20 KiB of stack.
pub fn signature_of_sequences(mut say: impl FnMut(&'static str, &'static str, u32)) {
    let forecasts = CONTEXTS.iter().map(|c| fit::<SequenceLstm>(c).predict(c));
    say(Libm::NAME, "sequence", digest(forecasts));
}

/// FNV-1a over the bits of floats.
fn digest(values: impl Iterator<Item = f32>) -> u32 {
    fnv(values.map(f32::to_bits))
}

/// FNV-1a over bytes, for a comparison of outputs of two targets.
pub fn digest_of_bytes(bytes: impl Iterator<Item = u8>) -> u32 {
    fnv(bytes.map(u32::from))
}

fn fnv(words: impl Iterator<Item = u32>) -> u32 {
    words.fold(0x811c_9dc5, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0193)
    })
}
