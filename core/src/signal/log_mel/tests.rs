//! Log-mel frames against values of formulas.

use super::*;
use proptest::prelude::*;
use std::f64::consts::TAU;
use std::vec::Vec;

/// The answer at the end of a hop.
type Answer<const F: usize> = Result<[[f32; BANDS]; F], Cause>;

/// Answers at the ends of the hops, and the sample of each.
fn answers<const F: usize>(samples: impl IntoIterator<Item = Reading>) -> Vec<(usize, Answer<F>)> {
    let mut sound = LogMel::<F>::new();
    let mut found = Vec::new();
    for (n, sample) in samples.into_iter().enumerate() {
        found.extend(sound.push(sample).map(|answer| (n, answer.copied())));
    }
    found
}

fn last(samples: impl IntoIterator<Item = f32>) -> [f32; BANDS] {
    let readings = samples.into_iter().map(Reading::Value);
    answers::<1>(readings)
        .last()
        .expect("an answer")
        .1
        .expect("finite")[0]
}

#[test]
fn silence_is_at_the_floor() {
    let wanted = 10.0 * f64::EPSILON.log10();
    assert_eq!(f64::from(EPSILON), f64::EPSILON);
    for band in last([0.0; FRAME]) {
        // Numbers of f32 are 1.5e-5 apart there.
        assert!((f64::from(band) - wanted).abs() < 3e-5, "{band} {wanted}");
    }
}

/// A tone at a bin has three bins of Hann's window: N·a/4, and half of it on either side. Broken by another
/// window, a wrong band or scale.
#[test]
fn a_tone_lands_in_its_bands() {
    for bin in [7, 40, 128, 301, 498] {
        let tone = |n: usize| (0.5 * (TAU * ((n * bin) % FRAME) as f64 / 1024.0).sin()) as f32;
        let found = last((0..FRAME).map(tone));
        let mut power = [0.0_f64; BANDS];
        for (bin, amplitude) in [(bin - 1, 64.0), (bin, 128.0_f64), (bin + 1, 64.0)] {
            let above = usize::from(bank::ABOVE[bin]);
            let [falling, rising] = bank::WEIGHTS[bin].map(f64::from);
            power[above] += rising * amplitude.powi(2);
            power[above - 1] += falling * amplitude.powi(2);
        }
        for (band, (found, power)) in found.into_iter().zip(power).enumerate() {
            if power > 0.0 {
                let wanted = 10.0 * power.log10();
                assert!(
                    (f64::from(found) - wanted).abs() < 2e-5,
                    "{bin}, {band}: {found} {wanted}"
                );
            } else {
                assert!(found < -80.0, "{bin}, {band}: {found}");
            }
        }
    }
}

/// Broken by a window or a place that is not the sample's: frames overlap by half.
#[test]
fn a_frame_does_not_depend_on_those_before() {
    let noise = |n: usize| ((n * 7919) % 2003) as f32 / 1001.5 - 1.0;
    let readings = (0..8 * HOP).map(|n| Reading::Value(noise(n)));
    let found = answers::<3>(readings);
    assert_eq!(found.len(), 5);
    for (k, (end, frames)) in found.into_iter().enumerate() {
        assert_eq!(end, (k + 4) * HOP - 1);
        for (j, frame) in frames.unwrap().into_iter().enumerate() {
            let start = (k + j) * HOP;
            assert_eq!(frame, last((start..start + FRAME).map(noise)), "{k}, {j}");
        }
    }
}

/// Broken by a gap that ends a frame early or late.
#[test]
fn a_gap_leaves_its_cause_as_long_as_a_frame_holds_it() {
    let reading = |n| match n {
        3000 => Reading::Value(f32::NAN),
        3071 => Reading::Absent(Cause::Sensor), // the last of hop 5
        _ => Reading::Value(0.25),
    };
    let found = answers::<2>((0..12 * HOP).map(reading));
    let ends: Vec<usize> = found.iter().map(|(n, _)| n / HOP).collect();
    assert_eq!(ends, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (end, frames) in found {
        let wanted = match end / HOP {
            5..=7 => Err(Cause::Sensor),
            _ => Ok(()),
        };
        assert_eq!(frames.map(drop), wanted, "{end}");
    }
}

#[test]
fn a_power_beyond_f32_is_a_gap() {
    let reading = |n| Reading::Value(if n == 1600 { 1e25 } else { 0.25 });
    for (end, frames) in answers::<2>((0..10 * HOP).map(reading)) {
        let wanted = match end / HOP {
            3..=5 => Err(Cause::NotFinite),
            _ => Ok(()),
        };
        assert_eq!(frames.map(drop), wanted, "{end}");
    }
}

#[test]
fn a_restart_waits_for_whole_frames() {
    let mut sound = LogMel::<2>::new();
    let push = |sound: &mut LogMel<2>, x: f32| sound.push(x).map(Result::<&_, _>::copied);
    for n in 0..2500 {
        let _ = push(&mut sound, if n == 2400 { f32::INFINITY } else { 0.5 });
    }
    sound.restart();
    let first = (0..3000).find_map(|n| push(&mut sound, 0.0).map(|answer| (n, answer)));
    let (at, frames) = first.unwrap();
    assert_eq!(at, 3 * HOP - 1);
    let silence = last([0.0; FRAME]);
    assert_eq!(frames, Ok([silence; 2]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bits: numbers or a cause, never NaN.
    #[test]
    fn any_bits_give_numbers_or_a_cause(bits in prop::collection::vec(any::<u32>(), 1..40)) {
        let sample = |n: usize| f32::from_bits(bits[n % bits.len()]);
        for (_, frames) in answers::<2>((0..4 * HOP).map(|n| Reading::Value(sample(n)))) {
            if let Ok(frames) = frames {
                prop_assert!(frames.as_flattened().iter().all(|x| x.is_finite()));
            }
        }
    }

    /// Finite samples of any scale whose squares stay in f32 give numbers.
    #[test]
    fn finite_samples_give_numbers(
        shape in prop::collection::vec(-1.0_f32..1.0, 1..40),
        scale in -140_i32..48,
    ) {
        let factor = 2.0_f32.powi(scale);
        let frame = last((0..FRAME).map(|n| factor * shape[n % shape.len()]));
        prop_assert!(frame.iter().all(|x| (-157.0..400.0).contains(x)));
    }
}
