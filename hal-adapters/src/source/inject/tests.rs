//! Every kind of fault, by hand and by chance.

use super::*;
use bellwether::Cause;
use bellwether::error::FrameTooSmall;
use proptest::prelude::*;
use std::vec::Vec;

/// Frames of a slice.
struct Frames<'a, const V: usize> {
    frames: &'a [[f32; V]],
    next: usize,
}

impl<const V: usize> FrameSource for Frames<'_, V> {
    type Error = FrameTooSmall;

    fn variables(&self) -> usize {
        V
    }

    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, FrameTooSmall> {
        let Some(values) = self.frames.get(self.next) else {
            return Ok(None);
        };
        for (place, value) in frame.iter_mut().zip(values) {
            *place = Reading::from(*value);
        }
        self.next += 1;
        Ok(Some(Tick(self.next as u64 - 1)))
    }
}

fn fault(kind: Kind, first: u64, length: u32, channels: &[usize]) -> Injection {
    Injection {
        kind,
        first: Tick(first),
        length,
        channels: channels.iter().copied().collect(),
        seed: 7,
    }
}

/// Every value that leaves, NaN where there is none.
fn through<const V: usize, const N: usize>(
    frames: &[[f32; V]],
    faults: &[Injection],
) -> Vec<[f32; V]> {
    let source = Frames { frames, next: 0 };
    let mut injector = Injector::<_, _, V, N>::new(source, faults).unwrap();
    let mut frame = [Reading::Absent(Cause::Missing); V];
    let mut all = Vec::new();
    while injector.next_frame(&mut frame).unwrap().is_some() {
        all.push(frame.map(|reading| reading.usable().unwrap_or(f32::NAN)));
    }
    all
}

/// What a fault from tick 3 to 6 makes of 0, 1, 2, ... 9.
fn counted(kind: Kind) -> Vec<f32> {
    let frames: Vec<[f32; 1]> = (0..10).map(|k| [k as f32]).collect();
    let made = through::<1, 4>(&frames, &[fault(kind, 3, 4, &[0])]);
    for k in [0, 1, 2, 7, 8, 9] {
        assert_eq!(made[k], frames[k], "{kind:?} beyond its ticks");
    }
    made[3..7].iter().map(|[x]| *x).collect()
}

#[test]
fn each_kind_does_what_it_says_and_only_while_it_lasts() {
    assert_eq!(counted(Kind::Spike(0.5)), [3.5, 3.5, 5.5, 5.5]);
    assert_eq!(counted(Kind::Step(-2.0)), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(counted(Kind::Drift(4.0)), [4.0, 6.0, 8.0, 10.0]);
    assert_eq!(counted(Kind::Stuck), [2.0, 2.0, 2.0, 2.0]);
    assert_eq!(counted(Kind::Scale(3.0)), [9.0, 12.0, 15.0, 18.0]);
    assert_eq!(counted(Kind::Lag(2)), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(counted(Kind::Decorrelate(2)), [2.0, 1.0, 1.0, 2.0]);
    assert_eq!(
        counted(Kind::Decorrelate(4)),
        [2.0, 1.0, 0.0, 0.0],
        "three frames there are"
    );
    assert_eq!(counted(Kind::Noise(0.0)), [3.0, 4.0, 5.0, 6.0]);
    assert_eq!(counted(Kind::Dropout(0.0)), [3.0, 4.0, 5.0, 6.0]);
    assert!(counted(Kind::Dropout(1.0)).iter().all(|x| x.is_nan()));
}

#[test]
fn swapped_channels_stand_in_each_others_place() {
    let made = through::<3, 1>(&[[1.0, 2.0, 3.0]; 2], &[fault(Kind::Swap, 1, 1, &[0, 2])]);
    assert_eq!(made, [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]);
}

/// Broken if chance is not drawn anew for each frame and channel, or is biased.
#[test]
fn noise_and_losses_have_their_size() {
    let frames = std::vec![[10.0, -4.0]; 20_000];
    let noisy = through::<2, 1>(&frames, &[fault(Kind::Noise(2.0), 0, u32::MAX, &[0, 1])]);
    let apart = |k: usize| -> Vec<f64> {
        let apart = noisy.iter().map(|row| f64::from(row[k] - frames[0][k]));
        apart.collect()
    };
    let n = frames.len() as f64;
    for k in 0..2 {
        let mean = apart(k).iter().sum::<f64>() / n;
        let square = apart(k).iter().map(|x| x * x).sum::<f64>() / n;
        // Five standard errors of the mean, and of the square of a normal deviate.
        assert!(mean.abs() < 5.0 * 2.0 / n.sqrt(), "{mean}");
        assert!(
            (square - 4.0).abs() < 5.0 * 4.0 * (2.0 / n).sqrt(),
            "{square}"
        );
    }
    let both = apart(0).into_iter().zip(apart(1));
    let product = both.map(|(a, b)| a * b).sum::<f64>() / n;
    assert!(product.abs() < 5.0 * 4.0 / n.sqrt(), "{product}");
    let lossy = through::<2, 1>(&frames, &[fault(Kind::Dropout(0.25), 0, u32::MAX, &[1])]);
    let lost = lossy.iter().filter(|row| row[1].is_nan()).count() as f64 / n;
    assert!(
        (lost - 0.25).abs() < 5.0 * (0.25 * 0.75 / n).sqrt(),
        "{lost}"
    );
    assert!(lossy.iter().all(|row| row[0] == 10.0));
}

#[test]
fn what_is_missing_stays_missing_and_is_remembered_as_such() {
    let frames = [[1.0], [f32::NAN], [3.0], [4.0], [5.0]];
    let said = |kind| std::format!("{:?}", through::<1, 3>(&frames, &[fault(kind, 2, 2, &[0])]));
    assert_eq!(said(Kind::Stuck), "[[1.0], [NaN], [1.0], [1.0], [5.0]]");
    assert_eq!(said(Kind::Lag(1)), "[[1.0], [NaN], [NaN], [3.0], [5.0]]");
    assert_eq!(
        said(Kind::Decorrelate(2)),
        "[[1.0], [NaN], [NaN], [1.0], [5.0]]"
    );
    let step = fault(Kind::Step(1.0), 0, u32::MAX, &[0]);
    assert_eq!(
        std::format!("{:?}", through::<1, 1>(&frames, &[step, step])),
        "[[3.0], [NaN], [5.0], [6.0], [7.0]]"
    );
}

#[test]
fn faults_that_cannot_be_are_refused() {
    let refused = |kind, length, channels: &[usize]| {
        let source = Frames::<2> {
            frames: &[],
            next: 0,
        };
        let faults = [
            fault(Kind::Stuck, 0, 1, &[0]),
            fault(kind, 0, length, channels),
        ];
        let error = Injector::<_, _, 2, 8>::new(source, faults).err();
        error.map(|error| (error.fault, error.problem))
    };
    let cases = [
        (Kind::Step(1.0), 1, &[][..], Problem::Channels),
        (Kind::Step(1.0), 1, &[2], Problem::Channels),
        (Kind::Swap, 1, &[0], Problem::Channels),
        (Kind::Step(f32::NAN), 1, &[0], Problem::Amount),
        (Kind::Dropout(1.5), 1, &[0], Problem::Amount),
        (Kind::Step(1.0), 0, &[0], Problem::Length),
        (Kind::Lag(8), 1, &[0], Problem::Depth),
        (Kind::Decorrelate(9), 1, &[0], Problem::Depth),
        (Kind::Decorrelate(0), 1, &[0], Problem::Depth),
    ];
    for (kind, length, channels, problem) in cases {
        assert_eq!(
            refused(kind, length, channels),
            Some((1, problem)),
            "{kind:?}"
        );
    }
    assert_eq!(refused(Kind::Lag(7), 1, &[1]), None);
    assert_eq!(refused(Kind::Decorrelate(8), u32::MAX, &[1]), None);
    let source = Frames::<2> {
        frames: &[],
        next: 0,
    };
    let error = Injector::<_, _, 1, 8>::new(source, [fault(Kind::Stuck, 0, 1, &[0])]).err();
    assert_eq!(error.map(|error| error.problem), Some(Problem::Room));
}

fn kinds() -> impl Strategy<Value = Kind> {
    let amount = -1e3_f32..1e3;
    prop_oneof![
        amount.clone().prop_map(Kind::Spike),
        amount.clone().prop_map(Kind::Step),
        amount.clone().prop_map(Kind::Drift),
        Just(Kind::Stuck),
        amount.clone().prop_map(Kind::Noise),
        (0.0_f32..=1.0).prop_map(Kind::Dropout),
        Just(Kind::Swap),
        amount.prop_map(Kind::Scale),
        (0_u16..8).prop_map(Kind::Lag),
        (1_u16..8).prop_map(Kind::Decorrelate),
    ]
}

proptest! {
    /// Broken if a fault looks ahead, if the room that is not needed makes a difference, or
    /// if a fault reaches beyond its channels and ticks.
    #[test]
    fn faults_are_causal_local_and_the_same_at_any_capacity(
        frames in prop::collection::vec(prop::array::uniform3(-1e6_f32..1e6), 1..60),
        kinds in prop::collection::vec((kinds(), 0_u64..60, 1_u32..40), 0..4),
        cut in 0_usize..60,
    ) {
        let faults: Vec<Injection> = kinds
            .into_iter()
            .map(|(kind, first, length)| fault(kind, first, length, &[0, 1]))
            .collect();
        let bits = |made: Vec<[f32; 3]>| -> Vec<[u32; 3]> {
            made.into_iter().map(|row| row.map(f32::to_bits)).collect()
        };
        let made = bits(through::<3, 8>(&frames, &faults));
        prop_assert_eq!(&made, &bits(through::<3, 64>(&frames, &faults)));
        let cut = cut.min(frames.len());
        prop_assert_eq!(&made[..cut], &bits(through::<3, 8>(&frames[..cut], &faults))[..]);
        for (k, (row, before)) in made.iter().zip(&frames).enumerate() {
            prop_assert_eq!(row[2], before[2].to_bits());
            if faults.iter().all(|fault| fault.since(Tick(k as u64)).is_none()) {
                prop_assert_eq!(*row, before.map(f32::to_bits));
            }
        }
    }
}
