//! Hostile scores, the transition table, snapshots.

use super::*;
use crate::error::SnapshotError;
use crate::wire::snapshot;
use proptest::prelude::*;

/// Scores of every bit pattern, and such that matter.
fn hostile() -> impl Strategy<Value = Option<f32>> {
    prop_oneof![
        4 => (0f32..1.0).prop_map(Some),
        2 => (0f32..8.0).prop_map(Some),
        1 => any::<u32>().prop_map(|bits| Some(f32::from_bits(bits))),
        1 => Just(None),
        1 => prop::sample::select(std::vec![1e6, -1e6, f32::MAX, f32::INFINITY, 1e-45, -0.0])
            .prop_map(Some),
    ]
}

/// The actions beside the rows: 0 none, then the verbs of people.
fn deed<const B: usize>(alarm: &mut Alarm<B>, rules: &Rules<B>, deed: u8) {
    match deed {
        1 => alarm.silence(5),
        2 => alarm.accept(),
        3 => alarm.skip(rules, 40),
        4 => {
            alarm.acknowledge();
        }
        _ => {}
    }
}

fn saved<const B: usize>(alarm: &Alarm<B>, rules: &Rules<B>) -> Vec<u8> {
    let mut buffer = std::vec![0; 18 + 46 + B];
    assert_eq!(Alarm::<B>::SNAPSHOT_MAX, buffer.len());
    let used = alarm
        .save(rules, &mut buffer)
        .expect("SNAPSHOT_MAX suffices");
    buffer.truncate(used);
    buffer
}

fn survives<const B: usize>(
    rules: &Rules<B>,
    rows: &[(Option<f32>, u8)],
) -> Result<(), TestCaseError> {
    let mut alarm = Alarm::<B>::new();
    for (row, (score, done)) in rows.iter().enumerate() {
        let mut restored = Alarm::after_fit(77);
        prop_assert_eq!(
            restored.restore(rules, &saved(&alarm, rules)),
            Ok(()),
            "row {}",
            row
        );
        prop_assert_eq!(&restored, &alarm);
        deed(&mut alarm, rules, *done);
        deed(&mut restored, rules, *done);
        let event = alarm.observe(rules, *score);
        prop_assert_eq!(
            bits(&event),
            bits(&restored.observe(rules, *score)),
            "row {}",
            row
        );
        prop_assert!(event.severity.is_none_or(f32::is_finite));
        prop_assert!(event.threshold.is_finite() && event.threshold >= rules.warning());
        prop_assert!(event.episode.is_none_or(|of| of.peak >= rules.warning()));
        prop_assert_eq!(event.episode.is_some(), event.phase != Phase::Quiet);
    }
    Ok(())
}

/// The phases that follow from severities, thresholds and T alone.
fn phases(rows: &[(Option<f32>, f32)], t: f32) -> Vec<Phase> {
    let (mut on, mut below) = (false, 0);
    let phase = |(severity, threshold): &(Option<f32>, f32)| match (on, severity) {
        (false, Some(severity)) if severity >= threshold => {
            (on, below) = (true, 0);
            Phase::Start
        }
        (false, _) => Phase::Quiet,
        (true, None) => Phase::Update,
        (true, Some(severity)) => {
            below = if *severity < t { below + 1 } else { 0 };
            on = below < 11;
            if on { Phase::Update } else { Phase::Clear }
        }
    };
    rows.iter().map(phase).collect()
}

proptest! {
    /// No bit pattern breaks an alarm, and a restored one goes on with the same bits at every row.
    #[test]
    fn restore_then_observe_equals_uninterrupted(
        rows in prop::collection::vec((hostile(), 0u8..40), 1..300),
        promise in 0.001f32..1000.0,
    ) {
        survives(&rules::<0>(promise, None), &rows)?;
        survives(&rules::<96>(promise, Some(48)), &rows)?;
        survives(&rules::<96>(promise, None), &rows)?;
        survives(&rules::<5>(promise, Some(24)), &rows)?;
    }

    #[test]
    fn phases_follow_the_table(
        rows in prop::collection::vec(hostile(), 1..400),
        promise in 0.5f32..20.0,
    ) {
        let rules = rules::<96>(promise, Some(48));
        let mut alarm = Alarm::after_fit(50);
        let events = rows.into_iter().map(|score| alarm.observe(&rules, score));
        let events: Vec<_> = events.collect();
        let seen: Vec<_> = events.iter().map(|of| (of.severity, of.threshold)).collect();
        let found: Vec<_> = events.iter().map(|of| of.phase).collect();
        prop_assert_eq!(found, phases(&seen, rules.warning()));
    }

    #[test]
    fn incidents_survive_too(rows in prop::collection::vec(hostile(), 1..700)) {
        let mut incidents = Incidents::new();
        let mut buffer = [0; Incidents::SNAPSHOT_MAX];
        for (row, score) in rows.iter().enumerate() {
            if row % 23 == 0 {
                let mut restored = Incidents::after_fit(77);
                let used = incidents.save(&mut buffer).expect("SNAPSHOT_MAX suffices");
                prop_assert_eq!(restored.restore(&buffer[..used]), Ok(()), "row {}", row);
                prop_assert_eq!(&restored, &incidents);
            }
            let answer = incidents.observe(incidents::Rules::DEFAULT, *score);
            prop_assert_eq!(answer.is_some(), score.is_some_and(|score| !score.is_nan()));
            prop_assert!(answer.is_none_or(|of| of.severity.is_finite() && of.severity >= 0.0));
        }
    }
}

/// Every truncation and every changed byte is refused without effect, as are other rows per day.
#[test]
fn damage_is_refused_without_effect() {
    let day = rules::<96>(1.0, Some(50));
    let mut alarm = Alarm::after_fit(9);
    fed(
        &mut alarm,
        &day,
        (0..120).map(|row| (row % 60 / 50) as f32 * 3.0),
    );
    let bytes = saved(&alarm, &day);
    let before = alarm.clone();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(alarm.restore(&day, &damaged).is_err(), "byte {at}");
        assert!(alarm.restore(&day, &bytes[..at]).is_err(), "cut to {at}");
    }
    let other = alarm.restore(&rules(1.0, Some(51)), &bytes);
    assert!(matches!(other, Err(SnapshotError::Shape { .. })));
    assert_eq!(alarm, before);
    assert_eq!(
        alarm.restore(&rules(7.0, Some(50)), &bytes),
        Ok(()),
        "another promise"
    );
}

/// Bodies with a valid checksum that no rows lead to.
#[test]
fn impossible_content_is_refused() {
    type Body = ((f32, u16), (f32, f32), (u32, u32), u8, (f32, u32, u8, u16));
    let rules = rules::<0>(1.0, None);
    let possible: Body = ((0.5, 3), (0.25, 0.5), (1 << 28, 10_000), 3, (7.0, 5, 2, 0));
    let edits: [fn(&mut Body); 16] = [
        |body| body.0.0 = f32::NAN,
        |body| body.0.0 = 1.1e6,
        |body| body.0.1 = 2001,
        |body| body.1.0 = f32::INFINITY,
        |body| body.1.1 = -1e-9,
        |body| body.1.1 = f32::NAN,
        |body| body.2.0 = 10 * (1 << 28) + 1,
        |body| body.2.1 = 200_001,
        |body| body.3 = 32,
        |body| body.3 = 2,
        |body| body.3 = 5,
        |body| body.4.0 = -1.0,
        |body| body.4.0 = f32::NAN,
        |body| body.4.2 = 11,
        |body| (body.3, body.4) = (0, (0.0, 1, 0, 0)),
        |body| (body.3, body.4) = (0, (7.0, 0, 0, 0)),
    ];
    let shape = snapshot::shape("alarm", "", [0, 0, 0]);
    let restored = |body: &Body| {
        let mut buffer = [0; Alarm::<0>::SNAPSHOT_MAX];
        let put = |writer: &mut snapshot::Writer<'_>| writer.put(body);
        let used = snapshot::write_slice(&mut buffer, shape, &put).expect("room");
        Alarm::<0>::new().restore(&rules, &buffer[..used])
    };
    assert_eq!(restored(&possible), Ok(()));
    for (k, edit) in edits.iter().enumerate() {
        let mut body = possible;
        edit(&mut body);
        let refused = restored(&body);
        assert!(
            matches!(refused, Err(SnapshotError::Content { .. })),
            "{k}: {refused:?}"
        );
    }
}
