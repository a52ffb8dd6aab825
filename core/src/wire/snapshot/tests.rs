//! Pieces of every alignment, damage, and snapshots of older versions.

use super::*;
use crate::detector::repad2::predictor::FixedSeedLstm;
use crate::detector::repad2::{self, Repad2};
use crate::detector::snapshot::Snapshot;
use crate::ensemble::rola::{Rola, Rules, Settings};
use crate::threshold::ema::{self, EmaThreshold};
use crate::vote::k_of_n::{self, KOfN};
use crate::{Assessment, Detector, Reading, SnapshotError, State, Tick, TransferError};
use serde::{Deserialize, Serialize};
use std::vec::Vec;

const SHAPE: u32 = 7;
const MOST: usize = 4096;

/// A value of every length that postcard writes, larger than a piece as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Large {
    flag: Option<bool>,
    small: u16,
    long: u64,
    single: f32,
    double: f64,
    many: [[f32; 30]; 2],
}

const LARGE: Large = Large {
    flag: Some(true),
    small: 300,
    long: u64::MAX,
    single: -1.5,
    double: 1e300,
    many: [[0.1; 30], [7.0; 30]],
};

/// A snapshot of `padding` bytes and a large value.
fn sample(padding: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = write::<()>(
        SHAPE,
        &mut |piece| {
            bytes.extend(piece);
            Ok(())
        },
        &|body| {
            (0..padding).for_each(|_| body.put(&0xaa_u8));
            body.put(&LARGE);
        },
    );
    assert_eq!(written, Ok(bytes.len()));
    bytes
}

fn visit(padding: usize, body: &mut Reader<'_>) -> Result<(), SnapshotError> {
    for _ in 0..padding {
        assert_eq!(body.take::<u8>(), Ok(0xaa));
    }
    assert_eq!(body.take::<Large>(), Ok(LARGE));
    Ok(())
}

/// Broken if a value is lost or doubled where two pieces meet: every alignment of every byte of a
/// value to the pieces.
#[test]
fn values_lie_across_pieces_as_they_like() {
    for padding in 0..=2 * PIECE_BYTES {
        let bytes = sample(padding);
        let read = read_slice(&bytes, SHAPE, MOST, &mut |body| visit(padding, body));
        assert_eq!(read, Ok(()), "{padding}");
    }
}

/// Broken if the memory for a transfer grows with the snapshot, or beyond what a small stack bears.
#[test]
fn a_transfer_takes_little_memory() {
    assert!(size_of::<Writer<'_>>() <= PIECE_BYTES + 72);
    assert!(size_of::<Reader<'_>>() <= PIECE_BYTES + 104);
}

/// Broken if the storage is asked again after it failed, or its error is lost.
#[test]
fn a_failing_storage_is_left_alone() {
    let bytes = sample(0);
    for failing in 0..bytes.len().div_ceil(PIECE_BYTES) {
        let mut calls = 0;
        let mut storage = |_: &[u8]| {
            calls += 1;
            if calls > failing { Err("worn") } else { Ok(()) }
        };
        let refused = write(SHAPE, &mut storage, &|body| body.put(&LARGE));
        assert_eq!(refused, Err(TransferError::Storage("worn")));
        assert_eq!(calls, failing + 1);
        let mut calls = 0;
        let mut slice = from_slice(&bytes).unwrap();
        let mut storage = |offset: usize, piece: &mut [u8]| {
            calls += 1;
            if calls > failing {
                return Err("unread");
            }
            slice(offset, piece).map_err(|_| "beyond")
        };
        // What it makes of the failure does not matter.
        let refused = read(SHAPE, MOST, &mut storage, &mut |body| {
            body.take::<Large>().map(drop).or(Ok(()))
        });
        assert_eq!(refused, Err(TransferError::Storage("unread")));
        assert_eq!(calls, failing + 1);
    }
}

/// Broken if a snapshot that says it is longer than any makes the storage be read to its end.
#[test]
fn impossible_lengths_are_not_read() {
    let mut bytes = sample(0);
    bytes[13] = 0x7f;
    let mut furthest = 0;
    let refused = read(
        SHAPE,
        MOST,
        &mut |offset, piece| {
            furthest = offset + piece.len();
            let from = bytes.get(offset..offset + piece.len()).ok_or(())?;
            piece.copy_from_slice(from);
            Ok(())
        },
        &mut |body| visit(0, body),
    );
    let error: TransferError<()> = TransferError::Snapshot(SnapshotError::Content {
        offset: HEADER_BYTES,
    });
    assert_eq!(refused, Err(error));
    assert!(furthest <= PIECE_BYTES);
}

/// Broken if damage is reported as impossible content, or content that is left over is not.
#[test]
fn damage_explains_content() {
    let mut bytes = sample(3);
    let end = bytes.len() - CHECKSUM_BYTES;
    let content = |offset| Err(SnapshotError::Content { offset });
    for (taken, expected) in [
        (end - HEADER_BYTES - 1, content(end - 1)),
        (end - HEADER_BYTES, Ok(())),
        (end - HEADER_BYTES + 1, content(end)),
    ] {
        let read = read_slice(&bytes, SHAPE, MOST, &mut |body| {
            (0..taken).try_for_each(|_| body.take::<u8>().map(drop))
        });
        assert_eq!(read, expected, "{taken} bytes");
    }
    bytes[HEADER_BYTES + 3] = 9;
    let refused = read_slice(&bytes, SHAPE, MOST, &mut |body| {
        (0..3).try_for_each(|_| body.take::<u8>().map(drop))?;
        assert!(body.take::<Large>().is_err());
        Err(body.content())
    });
    assert!(matches!(refused, Err(SnapshotError::Checksum { .. })));
}

/// Versions that this program does not know are refused, whatever follows.
#[test]
fn newer_versions_are_refused() {
    let mut bytes = sample(0);
    for found in [0, SNAPSHOT_VERSION + 1, u16::MAX] {
        bytes[4..6].copy_from_slice(&found.to_le_bytes());
        let mut read = |_: &mut Reader<'_>| panic!("read");
        let refused = read_slice(&bytes, SHAPE, MOST, &mut read);
        assert_eq!(refused, Err(SnapshotError::Version { found }));
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.split_whitespace();
    pairs
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect()
}

fn saved<D: Snapshot>(detector: &D, rules: &D::Rules<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let saved = detector.save_to::<()>(rules, &mut |piece| {
        bytes.extend(piece);
        Ok(())
    });
    assert_eq!(saved, Ok(bytes.len()));
    bytes
}

/// `Rola<1, 4, 4>` with the default settings, new, as version 1 wrote it.
const NEW_1: &str = "42 57 53 4e 01 00 82 8a aa aa 3a 00 00 00 5c 65 52 03
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00";
/// The same after 21.5 at tick 300 and 22.0 at tick 301.
const STARTED_1: &str = "42 57 53 4e 01 00 82 8a aa aa 43 00 00 00 21 64 df e0 01 ad 02 00 00 00
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ac 41
    00 00 b0 41 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 00 00 00
    00 00 00 00 02 00 00 ac 41 00 00 b0 41";
/// `Rola<2, 4, 4, FixedSeedLstm>` with 20 epochs a frame: a training in progress, and one that waits.
const TRAINING_1: &str = "42 57 53 4e 01 00 1c fe 83 00 83 00 00 00 13 35 7d bb
    01 0c 01 00 00 b0 41 00 00 b0 41 00 00 a8 41 14 02 00 00 a8 41 00 00 b0 41 00 00 b0 41
    00 00 a8 41 00 00 00 00 2f ea 83 3c 86 79 2e 3d fc 27 af 41 05 00 01 02 00 00 00 00 04
    00 00 a0 41 00 00 a8 41 00 00 b0 41 00 00 b4 42 00 00 28 42 00 00 30 42 00 00 28 42
    00 00 34 43 00 00 00 00 18 e6 fb 3c d0 c3 42 3f 4a 39 2c 42 05 00 01 02 00 00 00 00 04
    00 00 20 42 00 00 28 42 00 00 30 42 00 00 34 43";
/// `Repad2<4>` with the default settings after 20, 21, 22, three times.
const LANE_1: &str = "42 57 53 4e 01 00 d5 1d c8 25 47 00 00 00 aa 6a 0f 4a
    00 00 00 a8 41 00 00 b0 41 00 00 a0 41 00 00 00 00 b0 41 00 00 a0 41 00 00 a8 41 00 00 b0 41
    9a 85 a8 3d 18 86 31 3c 74 d1 0f 3d 00 d2 a9 41 07 00 00 05 00 00 00
    04 6d 7e 2d 3d 6d 7e 2d 3d 6d 7e 2d 3d bb 14 2f 3d";
/// A margin of two scores with weight 1/2 and latch 3, after 1 and 1.
const EMA_1: &str = "42 57 53 4e 01 00 0f c6 54 81 0f 00 00 00 c6 79 84 b4
    00 00 80 3f 00 00 02 00 00 80 3f 00 00 80 3f";
/// 2 of 3, after an anomaly, a normal judgement and an anomaly.
const K_OF_N_1: &str = "42 57 53 4e 01 00 01 f4 51 4f 02 00 00 00 42 47 f8 71 05 03";

/// Version 1 restores into the state that the same inputs make now.
fn same<D: Snapshot>(hex: &str, rules: &D::Rules<'_>, mut restored: D, expected: &D) {
    let old = bytes(hex);
    assert_eq!(restored.restore(rules, &old), Ok(expected.next_tick()));
    assert!(saved(&restored, rules) == saved(expected, rules));
    // Damage in front of the body and in it.
    for at in 0..old.len() {
        let mut damaged = old.clone();
        damaged[at] ^= 1;
        assert!(restored.restore(rules, &damaged).is_err(), "byte {at}");
    }
    assert!(saved(&restored, rules) == saved(expected, rules));
}

/// Broken if a device forgets what it learned when its firmware is replaced.
#[test]
fn version_1_is_read() {
    let rules = Rules::<1, 4, 4>::try_from(Settings::DEFAULT).unwrap();
    let mut rola = Rola::<1, 4, 4>::new();
    same(NEW_1, &rules, Rola::new(), &rola);
    for (tick, value) in [(300, 21.5), (301, 22.0)] {
        rola.decide(&rules, Tick(tick), &[Reading::Value(value)]);
    }
    same(STARTED_1, &rules, Rola::new(), &rola);

    let mut settings = Settings::DEFAULT;
    settings.lane.epochs_per_frame = Some(20);
    let rules = Rules::<2, 4, 4>::try_from(settings).unwrap();
    let mut rola = Rola::<2, 4, 4, FixedSeedLstm>::new();
    for tick in 0..13_u16 {
        let value = if tick == 12 {
            90.0
        } else {
            f32::from(20 + tick % 3)
        };
        let frame = [value, 2.0 * value].map(Reading::Value);
        rola.decide(&rules, Tick(tick.into()), &frame);
    }
    same(TRAINING_1, &rules, Rola::new(), &rola);

    let (rules, mut ema) = (ema::Rules::new(1, 2, 3).unwrap(), EmaThreshold::new());
    assert_eq!(ema.restore(&rules, &bytes(EMA_1)), Ok(()));
    let mut expected = EmaThreshold::new();
    for _ in 0..2 {
        let answer = Assessment::bare(State::Normal);
        let score = Some(1.0);
        expected.observe(rules, Assessment { score, ..answer });
    }
    assert_eq!(ema, expected);

    let (rules, mut vote) = (k_of_n::Rules::new(2, 3).unwrap(), KOfN::new());
    assert_eq!(vote.restore(&rules, &bytes(K_OF_N_1)), Ok(()));
    let mut expected = KOfN::new();
    for anomalous in [true, false, true] {
        expected.observe(rules, anomalous);
    }
    assert_eq!(vote, expected);
}

/// Broken if a field that was appended is read from a snapshot that has none: version 1 of a lane
/// has no clock, which is that of a new detector.
#[test]
fn fields_that_version_1_lacks_are_new() {
    let rules = repad2::Rules::<4>::try_from(repad2::Settings::DEFAULT).unwrap();
    let (mut restored, mut expected) = (Repad2::<4>::new(), Repad2::<4>::new());
    let observe = |detector: &mut Repad2<4>, tick: u16, value: f32| {
        detector.observe(&rules, Tick(tick.into()), &[Reading::Value(value)])
    };
    for tick in 0..9 {
        observe(&mut expected, 100 + tick, f32::from(20 + tick % 3));
        // Other ticks and values, which are replaced.
        observe(&mut restored, 900 + tick, f32::from(tick));
    }
    assert_eq!(restored.restore(&rules, &bytes(LANE_1)), Ok(Tick(0)));
    for (tick, value) in (0..).zip([20.0, 21.0, 60.0, 21.0, 22.0, 20.0]) {
        let found = observe(&mut restored, tick, value);
        assert_eq!(found, observe(&mut expected, 109 + tick, value), "{tick}");
        assert!(found.score.is_some());
    }
}

/// A source that has other bytes when it is read again leaves no half state.
#[test]
fn a_source_that_changes_resets() {
    let rules = Rules::<1, 4, 4>::try_from(Settings::DEFAULT).unwrap();
    let mut rola = Rola::<1, 4, 4>::new();
    rola.decide(&rules, Tick(0), &[Reading::Value(21.5)]);
    let bytes = saved(&rola, &rules);
    for changed in 0..bytes.len() {
        let mut reads = 0;
        let mut restored = rola.clone();
        let refused = restored.restore_from::<()>(&rules, &mut |offset, piece| {
            piece.fill(0xff);
            let from = bytes.get(offset..).unwrap_or_default();
            piece
                .iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to = *from);
            reads += u8::from(offset == 0);
            if let (2, Some(byte)) = (reads, piece.get_mut(changed.wrapping_sub(offset))) {
                *byte ^= 1;
            }
            Ok(())
        });
        assert!(refused.is_err(), "byte {changed}");
        assert_eq!(reads, 2);
        assert!(saved(&restored, &rules) == saved(&Rola::<1, 4, 4>::new(), &rules));
    }
}

/// The law of snapshots, in the middle of warm-up, of judging and of trainings.
#[cfg(feature = "testing")]
#[test]
fn detectors_survive_in_pieces() {
    use crate::detector::repad2::predictor::{Predictor, SequenceLstm, TabulatedLstm};
    use crate::testing::survives_a_snapshot;
    fn with<F: Predictor>(epochs: Option<u16>, cuts: &[usize], damage: bool) {
        let inputs: Vec<_> = (0..60_u16)
            .map(|t| {
                let jump = if t % 17 > 14 { 9.0 } else { 0.0 };
                let value = f32::from(20 + t % 3) + jump;
                (
                    Tick((2 * t).into()),
                    [value, -value, 7.0].map(Reading::Value),
                )
            })
            .collect();
        let mut settings = Settings::DEFAULT;
        settings.lane.epochs_per_frame = epochs;
        let rules = Rules::<3, 12, 20>::try_from(settings).unwrap();
        let fresh = Rola::<3, 12, 20, F>::new;
        let mut buffer = std::vec![0; Rola::<3, 12, 20, F>::SNAPSHOT_MAX];
        for cut in cuts {
            survives_a_snapshot(fresh, &rules, &inputs, *cut, &mut buffer, damage);
        }
        let mut settings = repad2::Settings::DEFAULT;
        settings.lane.epochs_per_frame = epochs;
        let rules = repad2::Rules::<12>::try_from(settings).unwrap();
        let fresh = Repad2::<12, F>::new;
        for cut in cuts {
            survives_a_snapshot(fresh, &rules, &inputs, *cut, &mut buffer, damage);
        }
    }
    let everywhere: Vec<usize> = (0..=60).collect();
    with::<TabulatedLstm>(None, &everywhere, false);
    with::<TabulatedLstm>(None, &[0, 5, 33], true);
    with::<FixedSeedLstm>(Some(20), &[0, 5, 16, 33, 34, 50], true);
    with::<SequenceLstm>(None, &[4, 40], false);
}
