//! From failing channels to a verdict: what a failure does to the lanes.

use bellwether::port::FrameSource;
use bellwether::rola::{self, Rules, Settings};
use bellwether::{Alert, Assessment, Blindness, Cause, Reading, State, Tick};
use bellwether_hal::{Channel, Channels, Checked, Measurand, Sensor, Sensors};

type Rola = rola::Rola<3, 128, 128>;

const FRAMES: u64 = 600;
const OUTAGE: std::ops::Range<u64> = 200..260;
const FAULT: u64 = 400;

/// A load that goes up and down, with a small irregularity of its own per variable; at `FAULT`
/// all variables jump, so that the vote is needed.
fn variable(offset: f32, gain: f32, seed: u32, fails: bool) -> Checked<impl Sensor<Error = u64>> {
    let (mut now, mut noise) = (0, seed);
    let sensor = move || {
        let tick = now;
        now += 1;
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if fails && OUTAGE.contains(&tick) {
            return Err(tick);
        }
        let load = (tick % 60).abs_diff(30) as f32 / 30.0;
        let jump = if tick == FAULT { 20.0 } else { 0.0 };
        Ok(offset + gain * (load + jump) + (noise >> 24) as f32 * 1e-4)
    };
    Checked::new(sensor, -1000.0..=1000.0)
}

/// Every variable's assessment of every frame, the ticks confirmed, and variable 1's faults.
fn run(fails: bool) -> (Vec<[Assessment; 3]>, Vec<Tick>, u32) {
    let mut temperature = variable(40.0, 5.0, 1, false);
    let mut power = variable(90.0, 30.0, 2, fails);
    let mut current = variable(8.0, 2.5, 3, false);
    let mut source = Channels::new([
        &mut temperature as &mut dyn Channel,
        &mut power,
        &mut current,
    ]);
    let rules = Rules::new(Settings::DEFAULT).unwrap();
    let mut rola = Rola::new();
    let (mut lanes, mut confirmed) = (Vec::new(), Vec::new());
    let mut frame = [Reading::Absent(Cause::Missing); 3];
    for _ in 0..FRAMES {
        let tick = source.next_frame(&mut frame).unwrap().unwrap();
        let verdict = rola.decide(&rules, tick, &frame);
        lanes.push(verdict.lanes().try_into().unwrap());
        if verdict.is_confirmed() {
            confirmed.push(tick);
        }
    }
    (lanes, confirmed, power.faults())
}

/// All of an assessment, with floats as bits.
fn bits(assessment: &Assessment) -> (State, [Option<u32>; 3], bool, Alert) {
    let Assessment {
        state,
        expected,
        score,
        threshold,
        trained,
        ..
    } = *assessment;
    let numbers = [expected, score, threshold].map(|number| number.map(f32::to_bits));
    (state, numbers, trained, assessment.alert())
}

// Breaks if an absent reading reaches another lane: through the frame's order, a shared state,
// or the time at which lanes train.
#[test]
fn failing_channel_blinds_its_own_lane_and_changes_no_bit_of_the_others() {
    let (sound, _, no_faults) = run(false);
    let (failing, _, faults) = run(true);
    assert_eq!(
        (no_faults, u64::from(faults)),
        (0, OUTAGE.end - OUTAGE.start)
    );
    let blind = State::Blind {
        cause: Blindness::Input(Cause::Sensor),
    };
    for ((tick, sound), failing) in (0..).zip(&sound).zip(&failing) {
        for k in [0, 2] {
            assert_eq!(
                bits(&failing[k]),
                bits(&sound[k]),
                "tick {tick}, variable {k}"
            );
        }
        let outage = OUTAGE.contains(&tick);
        assert_eq!(failing[1].state == blind, outage, "tick {tick}");
        assert_ne!(sound[1].state, blind, "tick {tick}");
        if tick < OUTAGE.start {
            assert_eq!(bits(&failing[1]), bits(&sound[1]), "tick {tick}");
        }
    }
}

// Breaks if a lane that was blind for a while has no vote afterwards.
#[test]
fn channel_that_recovered_votes_again() {
    let (lanes, confirmed, _) = run(true);
    assert!(confirmed.contains(&Tick(FAULT)), "{confirmed:?}");
    assert!(lanes[FAULT as usize].iter().all(Assessment::is_anomalous));
}

// Breaks if a failing sensor of several variables reaches a lane of another sensor, or leaves one of
// its own unmarked.
#[test]
fn failing_group_blinds_its_own_lanes_and_changes_no_bit_of_the_others() {
    let run = |fails: bool| {
        let mut inlet = variable(40.0, 5.0, 1, false);
        let (mut power, mut current) = (
            variable(90.0, 30.0, 2, fails).into_sensor(),
            variable(8.0, 2.5, 3, false).into_sensor(),
        );
        let both = move || {
            let ([current], power) = (current.measure()?, power.measure());
            power.map(|[power]| [power, current])
        };
        let mut meter = Checked::with(both, [Measurand::new("", -1000.0..=1000.0); 2]);
        let mut source = Channels::new([&mut inlet as &mut dyn Channel, &mut meter]);
        let rules = Rules::new(Settings::DEFAULT).unwrap();
        let mut rola = Rola::new();
        let mut frame = [Reading::Absent(Cause::Missing); 3];
        let mut lanes: Vec<[Assessment; 3]> = Vec::new();
        for _ in 0..FRAMES {
            let tick = source.next_frame(&mut frame).unwrap().unwrap();
            let verdict = rola.decide(&rules, tick, &frame);
            lanes.push(verdict.lanes().try_into().unwrap());
        }
        (lanes, meter.faults())
    };
    let ((sound, _), (failing, faults)) = (run(false), run(true));
    assert_eq!(u64::from(faults), OUTAGE.end - OUTAGE.start);
    let blind = State::Blind {
        cause: Blindness::Input(Cause::Sensor),
    };
    for ((tick, sound), failing) in (0..).zip(&sound).zip(&failing) {
        assert_eq!(bits(&failing[0]), bits(&sound[0]), "tick {tick}");
        for k in [1, 2] {
            let outage = OUTAGE.contains(&tick);
            assert_eq!(
                failing[k].state == blind,
                outage,
                "tick {tick}, variable {k}"
            );
            if tick < OUTAGE.start {
                assert_eq!(
                    bits(&failing[k]),
                    bits(&sound[k]),
                    "tick {tick}, variable {k}"
                );
            }
        }
    }
}
