//! The laws every detector must obey. A detector's tests call each with its own inputs; a
//! law that is broken panics with the input's number. And the private parts that tests of other
//! packages look at.

pub use crate::network::requantise::Multiplier;
pub use crate::threshold::sigmas::{Comparison, ErrorWindow, Sigmas};

use crate::detector::repad2::predictor::{
    FixedSeedLstm, Predictor, SequenceLstm, TabulatedLstm, fit,
};
use crate::math::{Libm, Math, Micromath, Pade};
use crate::{Alert, Assessment, Detector, Reading, Snapshot, State, Tick};

/// Bits of an assessment, so that comparing two never depends on NaN.
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

/// Same inputs, same bits; and `reset` is as good as new.
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

/// On usable inputs the first judgement comes after exactly [`Detector::warm_up`] of them.
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

/// Inputs that cannot be used are answered `Blind` and change nothing that was learned: the
/// usable ones get the same answers as without them. `unusable(k)` stands before input k.
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

/// Save after `cut` inputs, restore into a fresh detector, go on: the same bits as the
/// uninterrupted run. And every truncation and every changed byte is refused, without effect.
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
    let mut restored = fresh();
    let next = restored
        .restore(rules, &buffer[..used])
        .expect("own snapshot");
    assert_eq!(next, whole.next_tick(), "the tick to go on from");
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
                buffer[at] ^= flip;
            }
        }
    }
    for (k, input) in after.iter().enumerate() {
        let (a, b) = (
            observe(&mut whole, rules, input),
            observe(&mut restored, rules, input),
        );
        assert_eq!(bits(&a), bits(&b), "input {k} after the cut");
    }
}

/// Contexts to train on: the published ones, and awkward ones.
const CONTEXTS: [[f32; 3]; 6] = [
    [91.958, 94.798, 92.208],
    [94.798, 92.208, 93.722],
    [34.324, 34.324, 34.322],
    [5.0, 5.0, 5.0],
    [-3.0, 1e-3, 2.5e4],
    [0.3, 0.2, 0.1],
];

/// Digests of every approximation and of the trainings that fit in little memory, to compare two
/// targets: the functions they belong to, a name, and the digest.
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
}

/// The same of [`SequenceLstm`], which takes some 20 KiB of stack.
pub fn signature_of_sequences(mut say: impl FnMut(&'static str, &'static str, u32)) {
    let forecasts = CONTEXTS.iter().map(|c| fit::<SequenceLstm>(c).predict(c));
    say(Libm::NAME, "sequence", digest(forecasts));
}

/// FNV-1a over the bits of floats.
fn digest(values: impl Iterator<Item = f32>) -> u32 {
    fnv(values.map(f32::to_bits))
}

/// FNV-1a over bytes: short to compute anywhere, for comparing outputs of two targets.
pub fn digest_of_bytes(bytes: impl Iterator<Item = u8>) -> u32 {
    fnv(bytes.map(u32::from))
}

fn fnv(words: impl Iterator<Item = u32>) -> u32 {
    words.fold(0x811c_9dc5, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0193)
    })
}
