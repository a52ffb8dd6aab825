//! Snapshots with kinds, of before there were kinds, and of hostile bytes.

use super::{Guard, SHAPE, row, rules};
use crate::detector::Detector;
use crate::detector::snapshot::Snapshot;
use crate::kind::{Kind, Kinds};
use crate::sample::Tick;
use crate::sentinel::Sentinel;

/// A snapshot of a sentinel without kinds ends where one with kinds goes on.
#[test]
fn a_snapshot_without_kinds_is_read_by_a_sentinel_with_them() {
    type Loaded = Sentinel<crate::fitting_of!(SHAPE), 3>;
    let rules = rules();
    let (mut old, mut bytes) = (Loaded::new(), std::vec![0; Guard::SNAPSHOT_MAX]);
    for t in 0..500 {
        old.observe(&rules, Tick(t), &row(t));
    }
    let used = old.save(&rules, &mut bytes).expect("room");
    let mut new = Guard::new();
    assert_eq!(new.restore(&rules, &bytes[..used]), Ok(Tick(500)));
    for t in 500..611 {
        let wanted = old.observe(&rules, Tick(t), &row(t));
        assert_eq!(new.observe(&rules, Tick(t), &row(t)), wanted, "row {t}");
    }
    let found = new.finding().expect("an alarm");
    assert_eq!((found.kind, found.variable), (Kind::Step, 1));
    assert_eq!(old.finding(), None);
}

/// In mid-alarm too, before and after the kind is final. Every byte of the kinds, set to 255, is refused or
/// leads to numbers that are whole.
#[test]
fn a_snapshot_keeps_the_finding_and_hostile_bytes_do_no_harm() {
    let (rules, mut whole) = (rules(), Guard::new());
    let mut bytes = std::vec![0; Guard::SNAPSHOT_MAX];
    for t in 0..615 {
        if t == 450 || t >= 598 {
            let used = whole.save(&rules, &mut bytes).expect("room");
            let mut restored = Guard::new();
            assert_eq!(restored.restore(&rules, &bytes[..used]), Ok(Tick(t)));
            let mut other = whole.clone();
            for t in t..t + 14 {
                other.observe(&rules, Tick(t), &row(t));
                restored.observe(&rules, Tick(t), &row(t));
                assert_eq!(restored.finding(), other.finding(), "row {t}");
            }
        }
        whole.observe(&rules, Tick(t), &row(t));
    }
    let mut kinds = Kinds::<2>::new();
    let mut buffer = [0; 256];
    let shape = crate::snapshot::shape("kinds", "", [0; 3]);
    let used = crate::wire::snapshot::write_slice(&mut buffer, shape, &|body| {
        kinds.save_body(body);
    });
    let used = used.expect("room");
    assert!(used <= Kinds::<2>::SAVED_MAX + crate::snapshot::FRAME_BYTES);
    let refused = (0..used).filter(|at| {
        let mut hostile = buffer;
        hostile[*at] = 0xff;
        let read = crate::wire::snapshot::read_slice(&hostile[..used], shape, 256, &mut |body| {
            kinds.restore_body(body, true)
        });
        assert!(kinds.finding().is_none_or(|of| of.gaps.is_finite()));
        read.is_err()
    });
    assert_eq!(refused.count(), used, "a checksum covers every byte");
}

/// Fields that cannot be, each with a checksum of its own.
#[test]
fn impossible_fields_are_refused() {
    let shape = crate::snapshot::shape("kinds", "", [0; 3]);
    let found = (0.5_f32, 1_u16, 9_u16, -3_i16, 4_u16, 3_u8, 1_u8);
    let read = |found: (f32, u16, u16, i16, u16, u8, u8)| {
        let mut buffer = [0; 256];
        let used = crate::wire::snapshot::write_slice(&mut buffer, shape, &|body| {
            body.put(&true);
            body.put(&found);
            for _ in 0..2 {
                body.put(&(1_i16, -2_i16, 4_u16, 5_u16));
                body.put(&(7_u8, 8_u8));
            }
        });
        let mut kinds = Kinds::<2>::new();
        let bytes = &buffer[..used.expect("room")];
        crate::wire::snapshot::read_slice(bytes, shape, 256, &mut |body| {
            kinds.restore_body(body, true)
        })
        .map(|()| kinds.finding().map(|of| of.kind))
    };
    assert_eq!(read(found), Ok(Some(Kind::Step)));
    for (place, bad) in [
        ("gaps", (f32::NAN, 1, 9, -3, 4, 3, 1)),
        ("gaps", (1.5, 1, 9, -3, 4, 3, 1)),
        ("variable", (0.5, 2, 9, -3, 4, 3, 1)),
        ("kind", (0.5, 1, 9, -3, 4, 9, 1)),
        ("flags", (0.5, 1, 9, -3, 4, 3, 4)),
        ("none, with evidence", (0.5, 1, 9, -3, 4, 0, 0)),
    ] {
        assert!(read(bad).is_err(), "{place}");
    }
}
