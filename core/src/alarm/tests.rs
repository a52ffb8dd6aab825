//! Alarms by hand, their bound against an adversary, and what hostile streams do to them. Golden
//! vectors are in the conformance tests.

mod bound;
mod laws;
mod people;
mod season;

use super::*;
use std::string::ToString;
use std::vec::Vec;

fn rules<const BUCKETS: usize>(promise: f32, rows_per_day: Option<u16>) -> Rules<BUCKETS> {
    let settings = Settings {
        promise: Promise::per_10_000_rows(promise).expect("in range"),
        rows_per_day,
    };
    settings.try_into().expect("valid settings")
}

/// The events of a stream.
fn fed<const BUCKETS: usize>(
    alarm: &mut Alarm<BUCKETS>,
    rules: &Rules<BUCKETS>,
    scores: impl IntoIterator<Item = f32>,
) -> Vec<Event> {
    let scores = scores.into_iter();
    scores
        .map(|score| alarm.observe(rules, Some(score)))
        .collect()
}

/// Bits of an event: their comparison depends on no NaN, and +0 is not -0.
fn bits(event: &Event) -> impl PartialEq + core::fmt::Debug + use<> {
    let episode = event.episode.map(|of| (of.age, of.peak.to_bits()));
    let severity = event.severity.map(f32::to_bits);
    let threshold = event.threshold.to_bits();
    (
        event.phase,
        event.grade,
        severity,
        threshold,
        episode,
        event.is_news,
    )
}

/// By hand: in a stream of zeros a score m gives x = 0.25·m + 0.75·0.1·m = 0.325·m, and 0.325·m/0.075
/// deviations.
#[test]
fn the_first_row_after_a_fit_is_a_line_of_the_score() {
    let rules = rules::<0>(1.0, None);
    for (score, severity, phase, grade) in [
        (0.0, 0.0, Phase::Quiet, Grade::None),
        (0.5, 2.166_666_6, Phase::Quiet, Grade::None),
        (1.0, 4.333_333_3, Phase::Quiet, Grade::Info),
        (1.384, 5.997_333, Phase::Quiet, Grade::Info),
        (1.385, 6.001_667, Phase::Start, Grade::Warning),
        (3.0, 13.0, Phase::Start, Grade::Critical),
        (-1.0, -4.333_333_3, Phase::Quiet, Grade::None),
    ] {
        let event = Alarm::after_fit(500).observe(&rules, Some(score));
        let found = event.severity.expect("a score");
        assert!((found - severity).abs() < 2e-6, "{score}: {found}");
        assert_eq!((event.phase, event.grade), (phase, grade), "{score}");
        assert_eq!(event.threshold, 6.0);
    }
}

#[test]
fn constant_input_never_alarms_and_is_the_mean_in_the_end() {
    let rules = rules::<0>(20.0, None);
    for constant in [0.0, 1e-3, 0.05, 0.1] {
        let mut alarm = Alarm::after_fit(2000);
        let events = fed(&mut alarm, &rules, [constant; 30_000]);
        assert!(events.iter().all(|event| event.phase == Phase::Quiet));
        let last = events.last().and_then(|event| event.severity);
        assert!(last.is_some_and(|last| last.abs() < 0.01), "{last:?}");
    }
}

/// A lasting step is one alarm, which the protected mean ends after some thousand rows. Broken by
/// learning odd rows at full weight: then a few hundred rows suffice.
#[test]
fn a_step_is_one_alarm_and_is_learned_slowly() {
    let rules = rules::<0>(1.0, None);
    let mut alarm = Alarm::after_fit(2000);
    let events = fed(&mut alarm, &rules, [2.0; 60_000]);
    let rows = |phase| {
        let rows = events.iter().enumerate();
        rows.filter(move |(_, event)| event.phase == phase)
            .map(|(row, _)| row)
    };
    assert_eq!(rows(Phase::Start).collect::<Vec<_>>(), [0]);
    let clear: Vec<_> = rows(Phase::Clear).collect();
    assert_eq!(clear.len(), 1);
    assert!((3000..20_000).contains(&clear[0]), "{clear:?}");
    let news: Vec<_> = events.iter().filter(|event| event.is_news).collect();
    assert_eq!(news.len(), 3, "start, critical, clear");
    assert_eq!(news[1].grade, Grade::Critical);
}

/// The grade of an alarm is that of its peak, and of a row its own.
#[test]
fn an_alarm_has_an_age_a_peak_and_a_grade() {
    let rules = rules::<0>(1.0, None);
    let mut alarm = Alarm::after_fit(2000);
    let scores = [0.0, 1.4, 1.6, 3.0, 0.5, 0.0];
    let events = fed(&mut alarm, &rules, scores.into_iter().chain([0.0; 40]));
    let episode = |row: usize| events[row].episode.expect("an alarm");
    assert_eq!(events[0].episode, None);
    assert_eq!((episode(1).age, episode(1).grade), (0, Grade::Warning));
    assert_eq!((episode(3).age, episode(3).grade), (2, Grade::Critical));
    assert_eq!(Some(episode(3).peak), events[3].severity);
    assert_eq!(
        events[5].grade,
        Grade::Warning,
        "below T, above T of ten times the promise"
    );
    assert_eq!(episode(5).grade, Grade::Critical);
    let clear = events.iter().position(|event| event.phase == Phase::Clear);
    let clear = clear.expect("it ends");
    assert_eq!(
        (episode(clear).age, episode(clear).peak),
        (clear as u32 - 1, episode(3).peak)
    );
    let below = |event: &Event| event.severity < Some(rules.warning());
    assert!(
        events[clear - 10..=clear].iter().all(below),
        "11 rows below T"
    );
    assert!(!below(&events[clear - 11]));
    assert_eq!(
        (events[clear + 1].episode, alarm.episode(&rules)),
        (None, None)
    );
}

/// 6·p^-0.4 by another calculator, and the inverse.
#[test]
fn a_promise_is_a_threshold_and_back() {
    for (promise, threshold) in [
        (0.1, 15.071_318),
        (0.5, 7.917_047),
        (1.0, 6.0),
        (3.0, 3.866_364),
        (10.0, 2.388_643),
        (20.0, 1.810_253),
    ] {
        let rules = rules::<0>(promise, None);
        let close = |x: f32, y: f32| (x - y).abs() < 2e-6 * y;
        assert!(close(rules.warning(), threshold), "{}", rules.warning());
        assert!(close(Promise::rate_of(threshold), promise));
        assert!(rules.info() < rules.warning() && rules.warning() < rules.critical());
        assert_eq!(rules.promise().rate(), promise);
    }
    assert!((rules::<0>(1.0, None).critical() - 9.3111).abs() < 1e-4);
    assert!((rules::<0>(1.0, None).info() - 2.388_643).abs() < 1e-5);
    assert_eq!(Promise::rate_of(0.0), f32::INFINITY);
    assert_eq!(Promise::rate_of(f32::NAN), f32::INFINITY);
}

#[test]
fn promises_by_time_are_those_by_rows() {
    let weekly = Promise::per_day(1.0 / 7.0, 60.0).expect("in range");
    assert!(
        (weekly.rate() - 0.992_063_5).abs() < 1e-6,
        "1 in 10,080 rows"
    );
    assert!((weekly.days_between(60.0) - 7.0).abs() < 1e-5);
    let monthly = Promise::per_month(30.0 / 7.0, 60.0).expect("in range");
    assert!((monthly.rate() - weekly.rate()).abs() < 1e-6);
    assert!((Promise::DEFAULT.days_between(1.0) - 1.0 / 8.64).abs() < 1e-6);
    for (promise, basis) in [
        (0.49, "extrapolated"),
        (0.5, "calibrated"),
        (20.0, "calibrated"),
    ] {
        let promise = Promise::per_10_000_rows(promise).expect("in range");
        assert_eq!(promise.basis().to_string(), basis);
    }
    let far = Promise::per_10_000_rows(20.1).expect("in range");
    assert_eq!(far.basis(), Basis::Extrapolated);
}

#[test]
fn settings_out_of_range_are_named() {
    let refused = |result: Result<Promise, crate::SettingsError>| {
        result.expect_err("out of range").to_string()
    };
    for (result, said) in [
        (
            Promise::per_10_000_rows(0.0),
            "promise must be 0.001 to 1000, found 0",
        ),
        (
            Promise::per_10_000_rows(f32::NAN),
            "promise must be 0.001 to 1000, found NaN",
        ),
        (
            Promise::per_10_000_rows(1000.1),
            "promise must be 0.001 to 1000, found 1000.1",
        ),
        (
            Promise::per_day(1.0, 0.0),
            "row_seconds must be finite and above 0, found 0",
        ),
        (
            Promise::per_day(86_400.0, 1.0),
            "promise must be 0.001 to 1000, found 10000",
        ),
    ] {
        assert_eq!(refused(result), said);
    }
    let day = |rows| Settings {
        rows_per_day: Some(rows),
        ..Settings::DEFAULT
    };
    let said = |result: crate::SettingsError| result.to_string();
    let few = Rules::<96>::new(day(23)).map_err(said);
    assert_eq!(
        few,
        Err("rows_per_day must be 24 to 65535, found 23".into())
    );
    let none = Rules::<0>::new(day(288)).map_err(said);
    assert_eq!(none, Err("rows_per_day must be 0, found 288".into()));
    assert!(Rules::<96>::new(day(24)).is_ok() && Rules::<96>::new(Settings::DEFAULT).is_ok());
}

#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(size_of::<Alarm<0>>(), 40);
    assert_eq!(size_of::<Alarm<96>>(), 136);
    assert_eq!(size_of::<Incidents>(), 1228);
    assert_eq!(size_of::<Rules<96>>(), 24);
}
