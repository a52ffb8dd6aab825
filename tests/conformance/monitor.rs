//! A monitor is its detector: the same answers, the same snapshots, the same refusals.

use bellwether::autoencoder::{self, Autoencoder, Windowed, windowed};
use bellwether::fitting_of;
use bellwether::model::{Head, Score};
use bellwether::quartet::{self, Shape, fitting};
use bellwether::repad2::{self, Repad2};
use bellwether::rola::{self, Rola};
use bellwether::sigma::{self, Sigma};
use bellwether::{
    Alert, Assessment, Cause, Detector, Model, Monitor, Reading, SettingsError, Snapshot,
    SnapshotError, State, Tick,
};
use bellwether_conformance::bits::{self, Bits};
use bellwether_conformance::halves::{halves, model};
use bellwether_conformance::network;
use bellwether_sim::model::Stored;

/// Three variables that move together, with jumps of all and of the last one alone, and gaps.
fn frames<const K: usize>() -> Vec<[Reading; K]> {
    let value = |t: usize, k: usize| {
        let wave = (t % 24).abs_diff(12) as f32 / 4.0 + (t * 7 % 5) as f32 / 40.0;
        let jump = match t % 61 {
            50..53 => 30.0,
            57 if k + 1 == K => 45.0,
            _ => 0.0,
        };
        (20.0 + wave + jump) * (k + 1) as f32
    };
    let reading = |t: usize, k: usize| match (t + 5 * k) % 43 {
        40 => Reading::Absent(Cause::Sensor),
        41 => Reading::from(f32::NAN),
        _ => Reading::from(value(t, k)),
    };
    let frame = |t| std::array::from_fn(|k| reading(t, k));
    (0..300).map(frame).collect()
}

/// Through the contract itself, ticks from 0.
fn direct<D: Detector, const K: usize>(
    mut state: D,
    rules: &D::Rules<'_>,
    frames: &[[Reading; K]],
) -> Vec<Bits> {
    let ticks = (0..).map(Tick).zip(frames);
    let answers = ticks.map(|(tick, frame)| state.observe(rules, tick, frame));
    answers.map(|answer| bits::of(&answer)).collect()
}

fn through<D: Detector, const K: usize>(
    monitor: &mut Monitor<'_, '_, D>,
    frames: &[[Reading; K]],
) -> Vec<Bits> {
    let answers = frames.iter().map(|frame| monitor.observe(*frame));
    answers.map(|answer| bits::of(&answer)).collect()
}

/// Both states of a judgement were seen, or a comparison would prove little.
fn assert_judged(answers: &[Bits]) {
    for state in [State::Normal, State::Anomalous] {
        assert!(answers.iter().any(|answer| answer.0 == state), "{state}");
    }
}

/// The answers of the detector itself, in one go and with a second monitor over the same state.
fn answers_are_the_detectors<'r, D: Detector, const K: usize>(
    fresh: impl Fn() -> D,
    settings: impl Fn() -> D::Settings<'r>,
    frames: &[[Reading; K]],
) {
    let rules: D::Rules<'r> = settings().try_into().expect("valid settings");
    let wanted = direct(fresh(), &rules, frames);
    assert_judged(&wanted);
    let mut state = fresh();
    let (before, after) = frames.split_at(frames.len() / 3);
    let mut monitor = Monitor::new(&mut state, settings()).expect("valid settings");
    assert_eq!(monitor.next_tick(), Tick(0));
    let mut answers = through(&mut monitor, before);
    // As a program that borrows its `static` state anew.
    let mut monitor = Monitor::new(&mut state, settings()).expect("valid settings");
    assert_eq!(monitor.next_tick(), Tick(before.len() as u64));
    answers.extend(through(&mut monitor, after));
    assert_eq!(answers, wanted);
    monitor.reset();
    assert_eq!(
        monitor.next_tick(),
        Tick(frames.len() as u64),
        "ticks go on"
    );
    assert_eq!(through(&mut monitor, frames), wanted, "as good as new");
}

/// Saved in the middle, by pieces and at once, and restored into another monitor.
fn goes_on_after_a_restart<'r, D: Snapshot, const K: usize>(
    fresh: impl Fn() -> D,
    settings: impl Fn() -> D::Settings<'r>,
    frames: &[[Reading; K]],
) {
    let rules: D::Rules<'r> = settings().try_into().expect("valid settings");
    let wanted = direct(fresh(), &rules, frames);
    for cut in [0, 1, 6, 20, 110, 111, 250, frames.len()] {
        let mut state = fresh();
        let mut monitor = Monitor::new(&mut state, settings()).expect("valid settings");
        through(&mut monitor, &frames[..cut]);
        let mut buffer = vec![0; D::SNAPSHOT_MAX];
        let used = monitor
            .save(&mut buffer)
            .expect("room that always suffices");
        let mut pieces = Vec::new();
        let mut store = |piece: &[u8]| {
            pieces.extend_from_slice(piece);
            Ok::<(), ()>(())
        };
        assert_eq!(monitor.save_to(&mut store), Ok(used));
        assert_eq!(pieces, buffer[..used]);

        let mut state = fresh();
        let mut monitor = Monitor::new(&mut state, settings()).expect("valid settings");
        let refused = monitor.restore(&pieces[..used - 1]);
        assert!(matches!(refused, Err(SnapshotError::Truncated { .. })));
        assert_eq!(monitor.next_tick(), Tick(0), "nothing has changed");
        let next = Tick(cut as u64);
        assert_eq!(monitor.restore(&pieces), Ok(next));
        assert_eq!(monitor.next_tick(), next);
        assert_eq!(
            through(&mut monitor, &frames[cut..]),
            wanted[cut..],
            "{cut}"
        );

        let mut state = fresh();
        let mut monitor = Monitor::new(&mut state, settings()).expect("valid settings");
        let mut load = |offset: usize, piece: &mut [u8]| {
            piece.copy_from_slice(&pieces[offset..offset + piece.len()]);
            Ok::<(), ()>(())
        };
        assert_eq!(monitor.restore_from(&mut load), Ok(next));
        assert_eq!(
            through(&mut monitor, &frames[cut..]),
            wanted[cut..],
            "{cut}"
        );
    }
}

#[test]
fn over_an_ensemble() {
    let (fresh, settings) = (Rola::<3, 40, 50>::new, || rola::Settings::DEFAULT);
    answers_are_the_detectors(fresh, settings, &frames::<3>());
    goes_on_after_a_restart(fresh, settings, &frames::<3>());
}

#[test]
fn over_one_lane() {
    let (fresh, settings) = (Repad2::<40>::new, || repad2::Settings::DEFAULT);
    answers_are_the_detectors(fresh, settings, &frames::<1>());
    goes_on_after_a_restart(fresh, settings, &frames::<1>());
}

#[test]
fn over_limits_in_deviations() {
    let fresh = Sigma::<3>::new;
    let settings = || sigma::Settings {
        learn: 40,
        ..sigma::Settings::DEFAULT
    };
    answers_are_the_detectors(fresh, settings, &frames::<3>());
    goes_on_after_a_restart(fresh, settings, &frames::<3>());
}

#[test]
fn over_a_quartet_that_fits_itself() {
    const SHAPE: Shape = Shape::tiny(3);
    let fresh = <fitting_of!(SHAPE)>::new;
    let settings = || fitting::Settings {
        quartet: quartet::Settings::new(SHAPE),
        rows: 40,
    };
    answers_are_the_detectors(fresh, settings, &frames::<3>());
    goes_on_after_a_restart(fresh, settings, &frames::<3>());
}

/// Two variables, judged frame by frame.
fn of_a_frame() -> Stored {
    Stored::new(&network::blob().to_bytes().expect("a model"))
}

/// Three frames of two variables; the score is the sum of their halves.
fn of_a_window() -> Stored {
    let layer = halves(6, &[1; 6], &[0]);
    let blob = model(Head::Logit, layer, 3, &[(Score::Logit, 12.0)]);
    Stored::new(&blob.to_bytes().expect("a model"))
}

#[test]
fn over_an_autoencoder() {
    let stored = of_a_frame();
    let model = Model::parse(stored.bytes()).expect("a model");
    let settings = || autoencoder::Settings::from(model);
    // The second variable in the model's unit, where jumps are far off.
    let fan = |x: f32| 200.0 * (x - 40.0) + 1500.0;
    let frames = frames::<2>().into_iter();
    let frames: Vec<[Reading; 2]> = frames
        .map(|[first, second]| [first, second.usable().map_or(second, |x| fan(x).into())])
        .collect();
    answers_are_the_detectors(Autoencoder::<4>::new, settings, &frames);
}

#[test]
fn over_a_window_of_frames() {
    let stored = of_a_window();
    let model = Model::parse(stored.bytes()).expect("a model");
    let settings = || autoencoder::Settings::from(model);
    let tenth = |reading: Reading| reading.usable().map_or(reading, |x| (x / 10.0).into());
    let frames: Vec<[Reading; 2]> = frames().into_iter().map(|f| f.map(tenth)).collect();
    answers_are_the_detectors(Windowed::<2, 3, 8>::new, settings, &frames);
}

/// Broken if a reading is refused or misread: every form of it is the same reading.
#[test]
fn every_form_of_a_reading_is_understood() {
    fn answered<R: Into<Reading>>(frame: [R; 2]) -> Vec<State> {
        let mut state = Rola::<2, 8, 8>::new();
        let mut monitor = Monitor::new(&mut state, rola::Settings::DEFAULT).expect("valid");
        monitor.observe(frame);
        let lanes = state.verdict().lanes().iter();
        lanes.map(|lane| lane.state).collect()
    }
    let warming = State::Warming { left: 6 };
    let blind = |cause: Cause| State::Blind {
        cause: cause.into(),
    };
    assert_eq!(answered([1.5, f32::NAN]), [warming, blind(Cause::Missing)]);
    assert_eq!(
        answered([Some(1.5), None]),
        [warming, blind(Cause::Missing)]
    );
    let bus: [Result<f32, &str>; 2] = [Ok(1.5), Err("no acknowledge")];
    assert_eq!(answered(bus), [warming, blind(Cause::Sensor)]);
    let infinite = [Reading::Value(1.5), Reading::Value(f32::INFINITY)];
    assert_eq!(answered(infinite), [warming, blind(Cause::NotFinite)]);
}

/// Broken if a short frame shifts variables, or skipped frames are not a gap.
#[test]
fn what_does_not_come_is_missing() {
    let settings = || {
        let mut settings = rola::Settings::DEFAULT;
        settings.lane.restart_after_gap = Some(5);
        settings
    };
    for (skipped, left) in [(4, 4), (5, 6)] {
        let mut state = Rola::<3, 8, 8>::new();
        let mut monitor = Monitor::new(&mut state, settings()).expect("valid settings");
        monitor.observe([1.0, 2.0]);
        monitor.observe([1.0, 2.0]);
        monitor.skip(skipped);
        assert_eq!(monitor.next_tick(), Tick(2 + skipped));
        let answer: Assessment = monitor.observe([1.0, 2.0]);
        assert_eq!(answer.alert(), Alert::None);
        let lanes = state.verdict().lanes();
        assert_eq!(lanes[0].state, State::Warming { left }, "{skipped}");
        let cause = Cause::Missing.into();
        assert_eq!(lanes[2].state, State::Blind { cause });
    }
}

/// Name, value and allowed values, as a user reads them.
fn said(refused: Result<(), SettingsError>) -> String {
    refused.expect_err("must be refused").to_string()
}

fn refusal<'r, D: Detector>(mut state: D, settings: D::Settings<'r>) -> String {
    said(Monitor::new(&mut state, settings).map(|_| ()))
}

/// Broken if a model that does not fit its detector is judged with all the same.
#[test]
fn a_model_of_another_size_is_refused_by_the_name_of_the_size() {
    let (frame, window) = (of_a_frame(), of_a_window());
    let [frame, window] = [&frame, &window].map(|stored| {
        let model = Model::parse(stored.bytes()).expect("a model");
        autoencoder::Settings::from(model)
    });
    let arena = refusal(Autoencoder::<3>::new(), frame);
    assert_eq!(arena, "arena must be at least 4, found 3");
    let arena = refusal(Windowed::<2, 3, 7>::new(), window);
    assert_eq!(arena, "arena must be at least 8, found 7");
    let width = refusal(Windowed::<3, 3, 8>::new(), window);
    assert_eq!(width, "model.variables must be 3, found 2");
    let length = refusal(Windowed::<2, 4, 8>::new(), window);
    assert_eq!(length, "model.window must be 4, found 3");
    let length = refusal(Windowed::<2, 3, 8>::new(), frame);
    assert_eq!(length, "model.window must be 3, found 1");
    let whole = autoencoder::Rules::<8>::new(window).expect("it fits");
    let narrow = windowed::Rules::<1, 3, 8>::try_from(whole).map(|_| ());
    assert_eq!(said(narrow), "model.variables must be 1, found 2");
}
