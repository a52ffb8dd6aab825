//! Positions and labels of axis ticks.

use crate::recording::time::{Stamps, clock};

/// A labelled position on an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// A value, or a row.
    pub at: f64,
    /// The text of the label.
    pub label: String,
}

/// A time span in its two largest units.
pub fn span(seconds: i64) -> String {
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let said: Vec<String> = parts
        .iter()
        .skip_while(|(number, _)| *number == 0)
        .take(2)
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if said.is_empty() {
        "0 s".to_owned()
    } else {
        said.join(" ")
    }
}

/// The round step (1, 2 or 5 times a power of ten) that gives about `count` ticks.
fn step(range: f64, count: f64) -> f64 {
    let rough = range / count;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().find(|m| m * power >= rough);
    step.unwrap_or(10.0) * power
}

/// Round numbers within a range, about `count` of them, with their labels.
pub fn numbers(low: f64, high: f64, count: f64) -> Vec<Tick> {
    let step = step(high - low, count);
    if !(step > 0.0 && step.is_finite() && high - low > step * 1e-3) {
        return Vec::new();
    }
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let size = low.abs().max(high.abs());
    let label = |value: f64| {
        if !(1e-4..1e7).contains(&size) {
            format!("{value:e}")
        } else {
            format!("{value:.decimals$}")
        }
    };
    let first = (low / step).ceil();
    (0..32)
        .map(|k| (first + f64::from(k)) * step)
        .take_while(|value| *value <= high)
        .map(|value| Tick {
            at: value + 0.0,
            label: label(value + 0.0),
        })
        .collect()
}

/// Seconds between ticks of a time axis.
const STEPS: [i64; 21] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800, 2_592_000,
];

/// Ticks of the horizontal axis: the row each is at, and its label. Round times where the
/// timestamps are times that do not go back, else round row numbers.
pub fn rows(stamps: Stamps, times: &[String], width: u64, rows: u64, count: i64) -> Vec<Tick> {
    let seconds: Option<Vec<i64>> = times.iter().map(|time| stamps.seconds(time)).collect();
    if let Some(seconds) = seconds
        && seconds.is_sorted()
        && let [first, .., last] = seconds[..]
        && last > first
    {
        let step = STEPS
            .into_iter()
            .find(|step| (last - first) / step <= count);
        let step = step.unwrap_or((last - first) / count);
        let whole = (first + step - 1).div_euclid(step);
        return (whole..)
            .map(|k| k * step)
            .take_while(|time| *time <= last)
            .map(|time| {
                let bin = seconds.partition_point(|s| *s < time) as u64;
                let text = clock(time);
                let label = match (time % 86_400, step < 60) {
                    (0, _) => text[5..10].to_owned(),
                    (_, true) => format!("{}:{:02}", &text[11..], time.rem_euclid(60)),
                    _ => text[11..].to_owned(),
                };
                Tick {
                    at: (bin * width) as f64,
                    label,
                }
            })
            .collect();
    }
    if rows < 2 {
        return Vec::new();
    }
    let round = numbers(0.0, rows as f64 - 1.0, count as f64);
    round
        .into_iter()
        .filter(|tick| tick.at.fract() == 0.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(times: &[&str]) -> Vec<String> {
        times.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3660, "1 h 1 min"),
            (86_400, "1 d"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn ticks_are_round_and_within() {
        let labels = |low, high| -> Vec<String> {
            let ticks = numbers(low, high, 3.0);
            assert!(ticks.iter().all(|tick| (low..=high).contains(&tick.at)));
            ticks.into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(labels(0.0, 37.0), ["0", "20"]);
        assert_eq!(labels(-0.02, 0.05), ["0.00", "0.05"]);
        assert_eq!(labels(29.5, 31.1), ["30", "31"]);
        assert!(numbers(1.0, 1.0, 3.0).is_empty());
        assert!(numbers(f64::NAN, 1.0, 3.0).is_empty());
    }

    #[test]
    fn a_time_axis_has_round_times_and_another_has_rows() {
        let times: Vec<String> = (0..1440)
            .map(|k| (1_635_379_260 + 60 * k).to_string())
            .collect();
        let ticks = rows(Stamps::of(&times), &times, 1, 1440, 6);
        let tick = |at, label: &str| Tick {
            at,
            label: label.to_owned(),
        };
        assert_eq!(ticks.first(), Some(&tick(359.0, "06:00")));
        assert_eq!(ticks.last(), Some(&tick(1439.0, "10-29")));
        let times = texts(&["a", "b", "c", "d"]);
        let ticks = rows(Stamps::of(&times), &times, 5, 20, 4);
        assert_eq!(ticks.last(), Some(&tick(15.0, "15")));
        assert!(rows(Stamps::Text, &[], 1, 0, 6).is_empty());
        assert!(rows(Stamps::Text, &texts(&["x"]), 1, 1, 6).is_empty());
    }
}
