use super::*;
use std::vec;
use std::vec::Vec;

const MISSING: Reading = Reading::Absent(Cause::Missing);

/// Ticks, skews and readings of all frames, from readings of one variable at times of a clock in ms, and
/// a last look at the clock.
fn frames(aggregate: Aggregate, noted: &[(u64, Reading)], last: u64) -> Vec<(u64, Reading)> {
    let mut assembler = Assembler::new(100, [aggregate]);
    let (mut frame, mut found) = ([MISSING], Vec::new());
    let ends = [(last, MISSING)];
    for (time, reading) in noted.iter().chain(&ends) {
        while let Some(period) = assembler.next_frame(*time, &mut frame).unwrap() {
            found.push((period.tick.0, frame[0]));
            assert!(found.len() < 100, "{found:?}");
        }
        assembler.note(0, *time, &[*reading]);
    }
    found
}

fn values(noted: &[(u64, f32)]) -> Vec<(u64, Reading)> {
    let reading = |(time, value): &(u64, f32)| (*time, Reading::Value(*value));
    noted.iter().map(reading).collect()
}

// Breaks if a reading at a period's end is in it, or one at its begin is not.
#[test]
fn aggregates_are_of_the_readings_in_the_period() {
    let noted = values(&[(0, 1.0), (50, 4.0), (99, -2.0), (100, 9.0), (150, 7.0)]);
    for (aggregate, wanted) in [
        (Aggregate::Last { hold: 50 }, [-2.0, 7.0]),
        (Aggregate::Mean, [1.0, 8.0]),
        (Aggregate::Min, [-2.0, 7.0]),
        (Aggregate::Max, [4.0, 9.0]),
    ] {
        let wanted: Vec<_> = (0..).zip(wanted.map(Reading::Value)).collect();
        assert_eq!(frames(aggregate, &noted, 200), wanted, "{aggregate:?}");
    }
}

// Breaks if a mean is taken by a sum, which loses what is small beside the value.
#[test]
fn mean_of_large_values_keeps_their_difference() {
    let noted: Vec<_> = (0..100)
        .map(|k| {
            (
                k,
                Reading::Value(if k % 2 == 0 { 4_194_304.0 } else { 4_194_306.0 }),
            )
        })
        .collect();
    let wanted = vec![(0, Reading::Value(4_194_305.0))];
    assert_eq!(frames(Aggregate::Mean, &noted, 100), wanted);
}

// Breaks if the age limit is not that at the period's end, or a mean outlives its period.
#[test]
fn last_value_is_held_up_to_its_age_limit_and_the_others_not_at_all() {
    let noted = values(&[(60, 5.0), (310, 6.0)]);
    let found = frames(Aggregate::Last { hold: 200 }, &noted, 360);
    let [five, six] = [5.0, 6.0].map(Reading::Value);
    // Periods end at 160, 260, 360: ages 100, 200 and 50.
    assert_eq!(found, [(0, five), (1, five), (2, six)]);
    let found = frames(Aggregate::Last { hold: 199 }, &noted, 360);
    assert_eq!(found, [(0, five), (1, MISSING), (2, six)]);
    let found = frames(Aggregate::Max, &noted, 360);
    assert_eq!(found, [(0, five), (1, MISSING), (2, six)]);
}

// Breaks if a failure is forgotten, hides a usable value of its period, or outlives it.
#[test]
fn failure_reaches_the_frame_unless_a_value_is_in_the_period() {
    let failed = Reading::Absent(Cause::Sensor);
    let noted = [
        (0, Reading::Value(1.0)),
        (10, failed),
        (110, failed),
        (210, MISSING),
    ];
    let found = |aggregate| {
        let frames = frames(aggregate, &noted, 300);
        frames
            .into_iter()
            .map(|(_, reading)| reading)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(Aggregate::Mean),
        [Reading::Value(1.0), failed, MISSING]
    );
    let last = found(Aggregate::Last { hold: 150 });
    assert_eq!(last, [failed, failed, MISSING]);
}

// Breaks if a pause gives frames without end, a gap has no ticks, or a clock that steps back stops the
// frames.
#[test]
fn gap_begins_a_new_sequence_and_its_ticks_are_counted() {
    let noted = values(&[(0, 1.0), (1_650, 2.0), (5_000, 3.0), (20, 4.0)]);
    let found = frames(Aggregate::Max, &noted, 120);
    let seen: Vec<_> = found
        .iter()
        .filter(|(_, reading)| *reading != MISSING)
        .collect();
    let [one, two, three, four] = [1.0, 2.0, 3.0, 4.0].map(Reading::Value);
    // 1,650 is in the 16th period after the first; 5,000 is 33 periods after the end of that.
    assert_eq!(seen, [&(0, one), &(16, two), &(50, three), &(51, four)]);
    assert_eq!(found.len(), 17 + 2);
}

// Breaks if a period of no length is waited for by a loop without end.
#[test]
fn period_that_the_clock_cannot_tell_is_a_frame_per_time() {
    let mut assembler = Assembler::new(0_u64, [Aggregate::Max]);
    let mut frame = [MISSING];
    let mut count = 0;
    for time in 0..5 {
        while assembler.next_frame(time, &mut frame).unwrap().is_some() {
            count += 1;
            assert!(count <= 5);
        }
        assembler.note(0, time, &[Reading::Value(time as f32)]);
    }
    assert_eq!((count, frame), (4, [Reading::Value(3.0)]));
}

// Breaks if the skew leaves out a variable, or counts one that is too old to be in the frame.
#[test]
fn skew_is_that_of_the_readings_in_the_frame() {
    let hold = Aggregate::Last { hold: 150 };
    let mut assembler = Assembler::starting_at(100, [hold, hold, Aggregate::Mean], Tick(7));
    let mut frame = [Reading::Value(0.0); 4];
    let [a, b] = [1.0, 2.0].map(Reading::Value);
    assembler.note(0, 0, &[a]);
    assembler.note(1, 30, &[b, b, a]);
    assembler.note(2, 70, &[a]);
    let period = assembler.next_frame(100, &mut frame).unwrap().unwrap();
    assert_eq!((period.tick, period.end, period.skew), (Tick(7), 100, 70));
    assert_eq!(frame, [a, b, Reading::Value(1.5), MISSING]);
    assembler.note(2, 120, &[a]);
    let period = assembler.next_frame(200, &mut frame).unwrap().unwrap();
    assert_eq!((period.tick, period.skew), (Tick(8), 0));
    assert_eq!(frame, [MISSING, MISSING, a, MISSING]);
    let refused = assembler.next_frame(300, &mut frame[..2]).unwrap_err();
    assert_eq!((refused.variables, refused.room), (3, 2));
    assert!(assembler.next_frame(300, &mut frame).unwrap().is_some());
}

// Breaks if the cost in the documentation is another.
#[test]
fn variable_costs_48_bytes() {
    assert_eq!(size_of::<Slot>(), 48);
}
