//! Every chart by hand, the laws of all detectors, and what hostile streams do to charts.

use super::*;
use crate::math::{abs, sqrt};
use limits::Level;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

/// A chart alone, from values in deviations.
fn points<C: Chart>(settings: C::Settings, values: &[f32]) -> Vec<Point> {
    let mut chart = C::NEW;
    let ticks = (0..).map(Tick);
    let stepped = ticks
        .zip(values)
        .map(|(tick, z)| chart.step(&settings, tick, *z));
    stepped.collect()
}

fn scores<C: Chart>(settings: C::Settings, values: &[f32]) -> Vec<f32> {
    let points = points::<C>(settings, values);
    points.iter().map(|point| point.score).collect()
}

/// By hand: sums grow by 2 - 0.5 a row, end at 10, and fall by 0.5 a row.
#[test]
fn sums_grow_by_the_shift_less_the_slack() {
    let up = scores::<Cusum>(cusum::Settings::DEFAULT, &[2.0; 8]);
    assert_eq!(up, [1.5, 3.0, 4.5, 6.0, 7.5, 9.0, 10.0, 10.0]);
    let down = scores::<Cusum>(cusum::Settings::DEFAULT, &[-2.0, -2.0, 0.0, 0.0, 3.0]);
    assert_eq!(down, [1.5, 3.0, 2.5, 2.0, 2.5]);
    let points = points::<Cusum>(cusum::Settings::DEFAULT, &[2.0; 4]);
    let out: Vec<bool> = points.iter().map(|point| point.is_out()).collect();
    assert_eq!(out, [false, false, false, true], "above 5");
}

/// By hand: means 0, 0, 4/3, 2, ..., and one change, after which the new level is normal.
#[test]
fn a_change_of_level_is_one_anomaly_and_then_normal() {
    let settings = page_hinkley::Settings {
        limit: 4.0,
        ..page_hinkley::Settings::DEFAULT
    };
    let mut values = std::vec![0.0, 0.0];
    values.extend([4.0; 50]);
    let found = points::<PageHinkley>(settings, &values);
    // 4 - 4/3 - 0.5, then 4 - 2 - 0.5 more.
    assert!(abs(found[2].score - 13.0 / 6.0) < 1e-6);
    assert!(abs(found[3].score - 22.0 / 6.0) < 1e-6);
    let out: Vec<usize> = (0..values.len()).filter(|k| found[*k].is_out()).collect();
    assert_eq!(out, [4], "one change");
    assert_eq!((found[5].expected, found[51].expected), (4.0, 4.0));
    let mut down = values.clone();
    down.iter_mut().for_each(|z| *z = -*z);
    let mirrored = scores::<PageHinkley>(settings, &down);
    assert_eq!(mirrored, scores::<PageHinkley>(settings, &values));
}

/// By hand, memory 2: mean 0, 1, 1.5; variance 1, (1 + 4/2)/2 = 1.5, (1.5 + 1/2)/2 = 1.
#[test]
fn the_mean_weighs_exponentially() {
    let settings = gaussian::Settings {
        memory: 2,
        ..gaussian::Settings::DEFAULT
    };
    let found = points::<Gaussian>(settings, &[2.0, 2.0, 1.5]);
    assert_eq!(found[0].score, 2.0);
    assert!(abs(found[1].score - 1.0 / sqrt(1.5)) < 1e-6);
    assert_eq!((found[1].expected, found[2].expected), (1.0, 1.5));
    assert_eq!(found[2].score, 0.0);
    // After a long calm the least deviation stands.
    let mut values = std::vec![0.0; 100];
    values.push(0.3);
    let found = scores::<Gaussian>(settings, &values);
    assert!(abs(found[100] - 3.0) < 1e-5);
}

/// By hand: of 1 and 3 the mean is 2 and the deviation 1.
#[test]
fn a_window_judges_by_the_values_before() {
    let found = points::<Window<2>>(window::Settings::DEFAULT, &[1.0, 3.0, 5.0, 4.0]);
    let found: Vec<(f32, f32)> = found.iter().map(|p| (p.score, p.expected)).collect();
    assert_eq!(found, [(1.0, 0.0), (3.0, 0.0), (3.0, 2.0), (0.0, 4.0)]);
}

#[test]
fn a_level_ends_lower_than_it_begins() {
    use Level::{Critical, Warning, Within};
    let values = [3.9, 4.1, 3.1, 3.0, 6.1, 5.1, 5.0, 4.1, 2.9, 7.0];
    let mut chart = Limits::NEW;
    let levels = values.map(|z| {
        let point = chart.step(&limits::Settings::DEFAULT, Tick(0), -z);
        assert_eq!(point.is_out(), chart.level() == Critical, "{z}");
        chart.level()
    });
    let wanted = [
        Within, Warning, Warning, Within, Critical, Critical, Warning, Warning, Within, Critical,
    ];
    assert_eq!(levels, wanted);
    let settings = limits::Settings {
        alarm: Warning,
        ..limits::Settings::DEFAULT
    };
    let mut chart = Limits::NEW;
    for z in values {
        let point = chart.step(&settings, Tick(0), z);
        assert_eq!(point.is_out(), chart.level() > Within, "{z}");
    }
}

/// By hand: two parts of a period of four, each with its own mean.
#[test]
fn a_profile_knows_the_part_of_the_period() {
    let settings = profile::Settings::<2> {
        period: 4,
        ..profile::Settings::DEFAULT
    };
    let values: Vec<f32> = (0..400)
        .map(|t| if t % 4 < 2 { -1.0 } else { 1.0 })
        .collect();
    let found = points::<Profile<2>>(settings, &values);
    let expected: Vec<f32> = found[396..].iter().map(|p| p.expected).collect();
    assert_eq!(expected, [-1.0, -1.0, 1.0, 1.0]);
    // The same value is normal in one part, and two profile steps off in the other.
    let mut chart = Profile::<2>::NEW;
    for (tick, z) in (0..).zip(&values) {
        chart.step(&settings, Tick(tick), *z);
    }
    let normal = chart.clone().step(&settings, Tick(400), -1.0).score;
    let wrong = chart.step(&settings, Tick(402), -1.0).score;
    assert!(normal == 0.0 && wrong > 2.0, "{normal} {wrong}");
}

/// Settings of two variables that learn 20 rows.
fn rules<C: Chart>(chart: C::Settings) -> Rules<C::Settings, 2>
where
    C::Settings: Charted<Chart = C>,
{
    let settings = Settings {
        learn: 20,
        ..Settings::new(2, chart)
    };
    settings.try_into().expect("valid settings")
}

fn rows(values: &[[f32; 2]]) -> Vec<(Tick, [Reading; 2])> {
    let ticks = (0..).map(Tick);
    let rows = values.iter().map(|row| row.map(Reading::from));
    ticks.zip(rows).collect()
}

/// By hand: 1 and 3 are 2 ± 1; 7 is five deviations off.
#[test]
fn values_are_judged_in_learned_deviations() {
    let settings = Settings {
        learn: 2,
        ..Settings::new(2, limits::Settings::DEFAULT)
    };
    let rules = Rules::<_, 2>::try_from(settings).expect("valid settings");
    let mut charts = Charts::<Limits, 2>::new();
    let rows = rows(&[[1.0, 10.0], [3.0, 30.0], [7.0, 20.0], [2.0, 1e30]]);
    let answers: Vec<Assessment> = rows
        .iter()
        .map(|(tick, row)| charts.observe(&rules, *tick, row))
        .collect();
    assert_eq!(answers[1].state, State::Warming { left: 0 });
    assert_eq!(
        answers[2],
        Assessment::judged(State::Normal, 5.0, 6.0).expecting(2.0)
    );
    assert_eq!(
        answers[3],
        Assessment::judged(State::Anomalous, 50.0, 6.0).expecting(20.0)
    );
    assert_eq!(
        charts.chart(1).map(|chart| chart.level()),
        Some(Level::Critical)
    );
    assert_eq!(charts.chart(2), None);
    let parts = charts.contributions(&rules, &rows[3].1);
    let parts: Vec<(usize, f32, f32)> = parts.map(|p| (p.feature, p.expected, p.error)).collect();
    assert_eq!(parts, [(0, 2.0, 0.0), (1, 20.0, 50.0)]);
}

#[test]
fn fewer_than_half_of_the_values_are_blind() {
    let rules = rules::<Cusum>(cusum::Settings::DEFAULT);
    let mut charts = Charts::<Cusum, 2>::new();
    let gone = [Reading::Absent(Cause::Sensor); 2];
    let answer = charts.observe(&rules, Tick(3), &gone);
    assert_eq!(answer, Assessment::blind(Cause::Sensor));
    let answer = charts.observe(&rules, Tick(4), &[]);
    assert_eq!(answer, Assessment::blind(Cause::Missing), "a short frame");
    let answer = charts.observe(&rules, Tick(4), &[1.0.into(); 2]);
    assert_eq!(answer, Assessment::blind(Blindness::OutOfOrder));
}

fn refused<C: Chart>(settings: Settings<C::Settings>) -> std::string::String
where
    C::Settings: Charted<Chart = C>,
{
    let refused = Rules::<_, 3>::try_from(settings).err();
    refused.map_or_else(std::string::String::new, |error| error.to_string())
}

#[test]
fn settings_out_of_range_are_named() {
    let cusum = |slack, limit| Settings::new(3, cusum::Settings { slack, limit });
    let of = |settings| refused::<Cusum>(settings);
    assert_eq!(of(cusum(0.5, 5.0)), "");
    assert_eq!(of(cusum(-1.0, 5.0)), "slack must be at least 0, found -1");
    assert_eq!(
        of(cusum(0.5, 0.0)),
        "limit must be finite and above 0, found 0"
    );
    let settings = Settings {
        variables: 4,
        ..cusum(0.5, 5.0)
    };
    assert_eq!(of(settings), "variables must be 1 to 3, found 4");
    let settings = Settings {
        learn: 1,
        ..cusum(0.5, 5.0)
    };
    assert_eq!(of(settings), "learn must be at least 2, found 1");
    let settings = Settings {
        floor: f32::NAN,
        ..cusum(0.5, 5.0)
    };
    assert_eq!(of(settings), "floor must be at least 0, found NaN");

    let limits = |edit: fn(&mut limits::Settings)| {
        let mut chart = limits::Settings::DEFAULT;
        edit(&mut chart);
        refused::<Limits>(Settings::new(3, chart))
    };
    assert_eq!(
        limits(|s| s.warning = 0.0),
        "warning must be finite and above 0, found 0"
    );
    assert_eq!(
        limits(|s| s.critical = 3.0),
        "critical must be at least 4, found 3"
    );
    let said = "hysteresis must be at least 0 and below 4, found 4";
    assert_eq!(limits(|s| s.hysteresis = 4.0), said);
    assert_eq!(
        limits(|s| s.alarm = Level::Within),
        "alarm must be 1 to 2, found 0"
    );

    let chart = page_hinkley::Settings {
        memory: 1,
        ..page_hinkley::Settings::DEFAULT
    };
    let said = "memory must be at least 2, found 1";
    assert_eq!(refused::<PageHinkley>(Settings::new(3, chart)), said);
    let chart = gaussian::Settings {
        memory: 0,
        ..gaussian::Settings::DEFAULT
    };
    let said = "memory must be at least 2, found 0";
    assert_eq!(refused::<Gaussian>(Settings::new(3, chart)), said);
    let chart = window::Settings::<8> {
        least: 0.0,
        ..window::Settings::DEFAULT
    };
    let said = "least must be finite and above 0, found 0";
    assert_eq!(refused::<Window<8>>(Settings::new(3, chart)), said);
    let chart = profile::Settings::<8> {
        period: 7,
        ..profile::Settings::DEFAULT
    };
    let said = "period must be at least 8, found 7";
    assert_eq!(refused::<Profile<8>>(Settings::new(3, chart)), said);
    let chart = profile::Settings::<8> {
        memory: 0,
        ..profile::Settings::DEFAULT
    };
    let said = "memory must be 1 to 255, found 0";
    assert_eq!(refused::<Profile<8>>(Settings::new(3, chart)), said);
}

#[test]
fn the_state_is_as_large_as_documented() {
    const fn each<C: Chart>() -> usize {
        size_of::<Charts<C, 2>>() - size_of::<Charts<C, 1>>()
    }
    assert_eq!(each::<Limits>(), 40);
    assert_eq!(each::<Cusum>(), 48);
    assert_eq!(each::<PageHinkley>(), 56);
    assert_eq!(each::<Gaussian>(), 48);
    assert_eq!(each::<Window<64>>(), 4 * 64 + 40);
    assert_eq!(each::<Profile<24>>(), 5 * 24 + 40);
}

/// Any bits, but often of a size.
fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        -1e3_f32..1e3,
        Just(f32::MAX),
        Just(f32::MIN),
        Just(0.0),
    ]
}

fn finite<C: Chart>(chart: C::Settings, values: &[[f32; 2]]) -> Result<(), TestCaseError>
where
    C::Settings: Charted<Chart = C>,
{
    let rules = rules::<C>(chart);
    let mut charts = Charts::<C, 2>::new();
    for (tick, row) in rows(values) {
        let answer = charts.observe(&rules, tick, &row);
        let (Some(score), Some(limit)) = (answer.score, answer.threshold) else {
            continue;
        };
        prop_assert!(score.is_finite() && score >= 0.0 && limit > 0.0);
        prop_assert_eq!(answer.is_anomalous(), score > limit);
        let parts = charts.contributions(&rules, &row);
        prop_assert!(parts.clone().all(|part| part.error.is_finite()));
        prop_assert!(parts.map(|part| part.error).any(|error| error == score));
    }
    Ok(())
}

proptest! {
    /// Broken by a sum that overflows, or a deviation of 0.
    #[test]
    fn whatever_comes_the_answer_is_finite(
        values in prop::collection::vec([hostile(), hostile()], 20..120),
    ) {
        finite::<Limits>(limits::Settings::DEFAULT, &values)?;
        finite::<Cusum>(cusum::Settings::DEFAULT, &values)?;
        finite::<PageHinkley>(page_hinkley::Settings::DEFAULT, &values)?;
        finite::<Gaussian>(gaussian::Settings { memory: 2, ..gaussian::Settings::DEFAULT }, &values)?;
        finite::<Window<8>>(window::Settings::DEFAULT, &values)?;
        finite::<Profile<4>>(profile::Settings { period: 7, ..profile::Settings::DEFAULT }, &values)?;
    }

    /// Broken if a chart is drawn in other units than deviations: scaled and moved signals, which f32 holds
    /// exactly, have the same scores.
    #[test]
    fn scale_and_offset_of_a_signal_do_not_matter(
        values in prop::collection::vec([-100_i16..100, -100_i16..100], 40..80),
    ) {
        let exact = |scale: f32, offset: f32| {
            let rows = values.iter().map(|row| row.map(|x| f32::from(x) * scale + offset));
            rows.collect::<Vec<[f32; 2]>>()
        };
        let settings = Settings { learn: 20, floor: 0.0, ..Settings::new(2, cusum::Settings::DEFAULT) };
        let rules = Rules::<_, 2>::try_from(settings).expect("valid settings");
        let run = |values: &[[f32; 2]]| {
            let mut charts = Charts::<Cusum, 2>::new();
            let rows = rows(values).into_iter();
            rows.map(|(tick, row)| charts.observe(&rules, tick, &row).score).collect::<Vec<_>>()
        };
        for (a, b) in run(&exact(1.0, 0.0)).into_iter().zip(run(&exact(4.0, 1024.0))) {
            prop_assert_eq!(a.is_some(), b.is_some());
            prop_assert!(a.zip(b).is_none_or(|(a, b)| (a - b).abs() < 1e-3), "{:?} {:?}", a, b);
        }
    }
}

#[cfg(feature = "testing")]
mod laws {
    use super::*;
    use crate::testing;

    /// Waves with jumps and gaps.
    fn inputs() -> Vec<(Tick, [Reading; 2])> {
        let row = |t: u32| {
            let wave = (t % 13) as f32;
            let jump = if t % 29 == 28 { 40.0 } else { 0.0 };
            let gone = if t % 7 == 6 { f32::NAN } else { 300.0 - wave };
            [wave + jump, gone]
        };
        rows(&(0..90).map(row).collect::<Vec<_>>())
    }

    fn obeys<C: Chart>(chart: C::Settings)
    where
        C::Settings: Charted<Chart = C>,
    {
        let rules = rules::<C>(chart);
        let inputs = inputs();
        let fresh = Charts::<C, 2>::new;
        testing::deterministic(fresh, &rules, &inputs);
        testing::warms_up_as_declared(fresh(), &rules, &inputs);
        let spaced: Vec<_> = inputs
            .iter()
            .map(|(t, row)| (Tick(2 * t.0 + 1), *row))
            .collect();
        testing::unusable_inputs_change_nothing(fresh, &rules, &spaced, |k| {
            let gone = [Reading::Absent(Cause::Missing); 2];
            (k % 3 == 1).then_some((Tick(2 * k as u64), gone))
        });
        let mut buffer = [0; 1024];
        let buffer = &mut buffer[..Charts::<C, 2>::SNAPSHOT_MAX];
        for cut in 0..inputs.len() {
            testing::survives_a_snapshot(fresh, &rules, &inputs, cut, buffer, cut == 61);
        }
    }

    #[test]
    fn every_chart_obeys_the_laws() {
        obeys::<Limits>(limits::Settings::DEFAULT);
        obeys::<Cusum>(cusum::Settings::DEFAULT);
        obeys::<PageHinkley>(page_hinkley::Settings::DEFAULT);
        obeys::<Gaussian>(gaussian::Settings::DEFAULT);
        obeys::<Window<8>>(window::Settings::DEFAULT);
        obeys::<Profile<4>>(profile::Settings {
            period: 9,
            ..profile::Settings::DEFAULT
        });
    }
}
