//! The acceptance tests of the algorithm's specification: golden files made by an independent
//! implementation, which in turn reproduces the public one's stored results.

use bellwether::repad2::predictor::{FixedSeedLstm, Predictor, TabulatedLstm};
use bellwether::repad2::{Guard, Recheck};
use bellwether::statistics::correlation::pearson;
use bellwether::statistics::window::Window;
use bellwether::{Blindness, Reading, Rola, State, Tick, rola};
use bellwether_conformance::data::Table;

/// Room for both window sizes of the golden files.
type Large<F> = Rola<9, 8064, 2880, F>;

/// One frame of a replay: per lane state, prediction, score, threshold; then the vote.
struct Point {
    lanes: Vec<bellwether::Assessment>,
    confirmed: Vec<usize>,
    agreeing: Vec<usize>,
    local: Vec<usize>,
    outvoted: Vec<usize>,
}

struct Replay {
    points: Vec<Point>,
    trainings: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Setup {
    window: u16,
    history: u16,
    recheck: Recheck,
    flag_defect: bool,
    guard: Option<Guard>,
}

const ORACLE: Setup = Setup {
    window: 8064,
    history: 2880,
    recheck: Recheck::Append,
    flag_defect: false,
    guard: None,
};
const DAY: Setup = Setup {
    window: 1440,
    history: 1440,
    recheck: Recheck::Replace,
    flag_defect: false,
    guard: None,
};

fn replay<F: Predictor + Send>(values: &[Vec<f32>], setup: Setup) -> Replay {
    let mut settings = rola::Settings::<9>::DEFAULT;
    settings.lane.window = Some(setup.window);
    settings.lane.recheck = setup.recheck;
    settings.lane.guard = setup.guard;
    settings.vote.history = Some(setup.history);
    let rules = rola::Rules::new(settings).expect("valid settings");
    let mut rola = Box::new(Large::<F>::new());
    let mut points = Vec::new();
    for (t, row) in values.iter().enumerate() {
        let frame: Vec<Reading> = row.iter().map(|v| Reading::from(*v)).collect();
        let verdict = rola.decide(&rules, Tick(t as u64), &frame);
        points.push(Point {
            lanes: verdict.lanes().to_vec(),
            confirmed: verdict.confirmed().collect(),
            agreeing: verdict.agreeing().collect(),
            local: verdict.local().collect(),
            outvoted: verdict.outvoted().collect(),
        });
        if setup.flag_defect {
            rola.lanes_mut().for_each(bellwether::repad2::Lane::trust);
        }
    }
    let trainings = (0..9)
        .map(|k| rola.lane(k).expect("nine lanes").trainings())
        .collect();
    Replay { points, trainings }
}

/// Replays on a thread with room for the largest ensemble.
fn run<F: Predictor + Send>(values: &[Vec<f32>], setup: Setup) -> Replay {
    let values = values.to_vec();
    let work = std::thread::Builder::new().stack_size(64 << 20);
    work.spawn(move || replay::<F>(&values, setup))
        .expect("a thread")
        .join()
        .expect("no panic")
}

fn anomalous(replay: &Replay, lane: usize) -> usize {
    replay
        .points
        .iter()
        .filter(|p| p.lanes[lane].is_anomalous())
        .count()
}

fn check_counts(replay: &Replay, golden: &str) {
    let golden = Table::read(golden).expect("present beside the recording");
    let sums: (usize, u32) = golden
        .rows
        .iter()
        .enumerate()
        .fold((0, 0), |sums, (k, row)| {
            let want: (usize, u32) = (row[1].parse().unwrap(), row[2].parse().unwrap());
            assert_eq!(
                (anomalous(replay, k), replay.trainings[k]),
                want,
                "{}",
                row[0]
            );
            (sums.0 + want.0, sums.1 + want.1)
        });
    println!("{golden:?}: {sums:?}", golden = golden.names);
}

fn check_verdicts(replay: &Replay, series: &Table, golden: &str, rows: usize) {
    let golden = Table::read(golden).expect("present beside the recording");
    assert_eq!(golden.rows.len(), rows);
    let names = |set: &[usize]| -> String {
        set.iter()
            .map(|k| series.names[k + 1].as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let ours: Vec<[String; 4]> = (replay.points.iter().enumerate())
        .filter(|(_, p)| !p.confirmed.is_empty())
        .map(|(t, p)| {
            [
                t.to_string(),
                series.rows[t][0].clone(),
                names(&p.agreeing),
                names(&p.confirmed),
            ]
        })
        .collect();
    let column = |name| golden.column(name);
    let order = [
        column("T"),
        column("timestamp"),
        column("agreeing"),
        column("confirmed"),
    ];
    let want: Vec<[String; 4]> = golden
        .rows
        .iter()
        .map(|row| order.map(|k| row[k].clone()))
        .collect();
    assert_eq!(ours, want);
}

/// Broken by any change of the state machine, the training, the sums or the vote.
#[test]
fn ferrybox_with_the_oracle_settings() {
    let Some(series) = Table::read("ferrybox/ferrybox.csv") else {
        return;
    };
    let values = series.values();
    let trained = run::<FixedSeedLstm>(&values, ORACLE);
    check_counts(&trained, "ferrybox/golden_lanes_w8064_append.csv");
    check_verdicts(
        &trained,
        &series,
        "ferrybox/golden_rola_w8064_p2880.csv",
        20,
    );
    check_salinity(&trained);
    let tabulated = run::<TabulatedLstm>(&values, ORACLE);
    check_counts(&tabulated, "ferrybox/golden_lanes_w8064_append.csv");
    check_verdicts(
        &tabulated,
        &series,
        "ferrybox/golden_rola_w8064_p2880.csv",
        20,
    );
    let defect = run::<FixedSeedLstm>(
        &values,
        Setup {
            flag_defect: true,
            ..ORACLE
        },
    );
    check_verdicts(
        &defect,
        &series,
        "ferrybox/golden_rola_w8064_p2880_flagbug.csv",
        31,
    );
}

/// Two roundings to 32 bits of a value over that value, and a third for the mean of errors.
const ROUNDING: f64 = 3.0 / (1u64 << 24) as f64;

/// Every state equal. The prediction is within 1e-6 relative. Error and threshold are within 1e-6
/// relative plus what rounding does to them: the golden file was computed from 64-bit readings, and
/// the nearest 32-bit number to a reading of 34.3 may be 2e-6 away, that is 6e-8 of the reading. An
/// error is relative to the reading and so moves by as much, whatever its own size; the forecast, in
/// 32 bits on both sides, adds about as much again.
fn check_salinity(replay: &Replay) {
    let golden = Table::read("ferrybox/golden_salinity_w8064.csv").expect("present");
    let column = |name| golden.column(name);
    let (predicted, aare) = (column("predicted"), column("aare"));
    let (threshold, state) = (column("threshold"), column("state"));
    let mut worst = [0.0f64; 3];
    for (t, row) in golden.rows.iter().enumerate() {
        let ours = &replay.points[t].lanes[0];
        assert_eq!(ours.state.name(), row[state], "T {t}");
        let pairs = [
            (predicted, ours.expected, 0.0),
            (aare, ours.score, ROUNDING),
            (threshold, ours.threshold, ROUNDING),
        ];
        for (k, (column, ours, rounding)) in pairs.into_iter().enumerate() {
            assert_eq!(
                ours.is_none(),
                row[column].is_empty(),
                "T {t} {}",
                golden.names[column]
            );
            let Some(ours) = ours else { continue };
            let want: f64 = row[column].parse().unwrap();
            let error = (f64::from(ours) - want).abs();
            worst[k] = worst[k].max(error);
            assert!(
                error <= 1e-6 * want.abs() + rounding,
                "T {t} {}: {ours} {want}",
                golden.names[column]
            );
        }
    }
    let [predicted, aare, threshold] = worst;
    println!(
        "salinity: largest differences: prediction {predicted:.1e}, error {aare:.1e}, threshold {threshold:.1e}"
    );
}

#[test]
fn ferrybox_with_the_project_settings() {
    let Some(series) = Table::read("ferrybox/ferrybox.csv") else {
        return;
    };
    let values = series.values();
    let trained = run::<FixedSeedLstm>(&values, DAY);
    let tabulated = run::<TabulatedLstm>(&values, DAY);
    for replay in [&trained, &tabulated] {
        check_counts(replay, "ferrybox/golden_lanes_w1440_replace.csv");
        check_verdicts(
            replay,
            &series,
            "ferrybox/golden_rola_w1440_p1440_replace.csv",
            28,
        );
        check_flags(replay, &series);
    }
    let two_days = run::<TabulatedLstm>(
        &values,
        Setup {
            history: 2880,
            ..DAY
        },
    );
    check_verdicts(
        &two_days,
        &series,
        "ferrybox/golden_rola_w1440_p2880_replace.csv",
        23,
    );
    let worst = largest_difference(&trained, &tabulated);
    println!("ferrybox: largest difference of trained and tabulated predictions {worst:.3e}");
}

/// Two lanes go blind when salinity falls to zero; the guard says so and starts them afresh.
/// Measured by the reference: when it fires, and how many trainings that takes.
#[test]
fn the_guard_restarts_the_two_blind_lanes_of_ferrybox_and_confirms_the_same() {
    let Some(series) = Table::read("ferrybox/ferrybox.csv") else {
        return;
    };
    let values = series.values();
    let guard = Some(Guard {
        error: 0.5,
        samples: 60,
    });
    let guarded = run::<TabulatedLstm>(&values, Setup { guard, ..DAY });
    check_verdicts(
        &guarded,
        &series,
        "ferrybox/golden_rola_w1440_p1440_replace.csv",
        28,
    );
    let inflated = State::Blind {
        cause: Blindness::ThresholdInflated,
    };
    let mut fired: Vec<(&str, &str)> = Vec::new();
    for (row, point) in series.rows.iter().zip(&guarded.points) {
        for (name, lane) in series.names.iter().skip(1).zip(&point.lanes) {
            if lane.state == inflated {
                fired.push((name, &row[0]));
            }
        }
    }
    // 2021-10-28 13:39 UTC, both.
    let at = "1635428340";
    assert_eq!(fired, [("SEB45Salinity", at), ("FlowFlow", at)]);
    assert_eq!(guarded.trainings.iter().sum::<u32>(), 424);
}

/// All 193 flagged lane points with the outcome of their vote.
fn check_flags(replay: &Replay, series: &Table) {
    let golden = Table::read("ferrybox/golden_flags_w1440_p1440_replace.csv").expect("present");
    let mut want = golden.rows.iter();
    for (t, p) in replay.points.iter().enumerate() {
        for (k, _) in p.lanes.iter().enumerate().filter(|(_, a)| a.is_anomalous()) {
            let outcome = if p.confirmed.contains(&k) {
                "confirmed"
            } else if p.local.contains(&k) {
                "local"
            } else {
                assert!(p.outvoted.contains(&k));
                "outvoted"
            };
            let row = want.next().expect("no flag beyond the golden ones");
            let ours = (t.to_string(), series.names[k + 1].as_str(), outcome);
            assert_eq!(ours, (row[0].clone(), row[3].as_str(), row[7].as_str()));
        }
    }
    assert!(want.next().is_none(), "every golden flag was seen");
}

/// Largest difference of predictions; the states must be equal.
fn largest_difference(a: &Replay, b: &Replay) -> f32 {
    let mut worst = 0.0f32;
    for (t, (a, b)) in a.points.iter().zip(&b.points).enumerate() {
        for (k, (a, b)) in a.lanes.iter().zip(&b.lanes).enumerate() {
            assert_eq!(a.state, b.state, "T {t} lane {k}");
            if let (Some(a), Some(b)) = (a.expected, b.expected) {
                worst = worst.max((a - b).abs());
            }
        }
        assert_eq!(a.confirmed, b.confirmed, "T {t}");
    }
    worst
}

/// One lane over a series of the RePAD papers: states, and where it was anomalous.
fn lane_states<F: Predictor>(values: &[Vec<f32>]) -> Vec<bellwether::Assessment> {
    type One<F> = Rola<1, 1440, 2, F>;
    let rules = rola::Rules::new(rola::Settings::DEFAULT).expect("valid settings");
    let mut lane = Box::new(One::<F>::new());
    let rows = values.iter().enumerate();
    rows.map(|(t, row)| {
        lane.decide(&rules, Tick(t as u64), &[Reading::from(row[0])])
            .lanes()[0]
    })
    .collect()
}

#[test]
fn both_series_of_the_repad_papers_give_the_measured_counts_with_either_lstm() {
    for (name, detections, trainings) in [
        ("repad/ec2_cpu_utilization_825cc2.csv", 13, 23),
        ("repad/rds_cpu_utilization_e47b3b.csv", 21, 32),
    ] {
        let Some(series) = Table::read(name) else {
            return;
        };
        let values = series.values();
        let (trained, tabulated) = (
            lane_states::<FixedSeedLstm>(&values),
            lane_states::<TabulatedLstm>(&values),
        );
        let mut worst = 0.0f32;
        for (t, (a, b)) in trained.iter().zip(&tabulated).enumerate() {
            assert_eq!(a.state, b.state, "{name} T {t}");
            if let (Some(a), Some(b)) = (a.expected, b.expected) {
                worst = worst.max((a - b).abs());
            }
        }
        let count =
            |f: fn(&bellwether::Assessment) -> bool| trained.iter().filter(|a| f(a)).count();
        assert_eq!(
            count(bellwether::Assessment::is_anomalous),
            detections,
            "{name}"
        );
        assert_eq!(count(|a| a.trained), trainings, "{name}");
        println!("{name}: largest difference of trained and tabulated predictions {worst:.3e}");
    }
}

#[test]
fn three_correlations_of_the_first_606_samples() {
    let Some(series) = Table::read("ferrybox/ferrybox.csv") else {
        return;
    };
    let values = series.values();
    for (a, b, want) in [
        ("OptodeConcentration", "OptodeSaturation", 0.971),
        ("C3Temperature", "OptodeTemperature", 0.995),
        ("SEB45Salinity", "SEB45Conductivity", 0.919),
    ] {
        let window = |name| {
            let mut window = Window::<f32, 606>::new();
            let k = series.column(name) - 1;
            values.iter().take(606).for_each(|row| window.push(row[k]));
            window
        };
        let r = pearson(&window(a), &window(b), 606, 0, 30).expect("defined");
        assert!((r - want).abs() < 5e-4, "{a} {b}: {r}");
    }
}

/// Broken if rounding alone can lift an error above a threshold made of equal errors.
#[test]
fn a_constant_signal_stays_normal_and_trains_no_more() {
    type One<F> = Rola<1, 1440, 2, F>;
    fn check<F: Predictor>(value: f32) {
        let rules = rola::Rules::new(rola::Settings::DEFAULT).expect("valid settings");
        let mut lane = Box::new(One::<F>::new());
        for t in 0..4000 {
            let answer = lane
                .decide(&rules, Tick(t), &[Reading::Value(value)])
                .lanes()[0];
            let warming = matches!(answer.state, State::Warming { .. });
            assert_eq!(warming, t < 7, "{value} T {t}: {answer:?}");
            assert!(
                warming || answer.state == State::Normal,
                "{value} T {t}: {answer:?}"
            );
            assert!(t < 7 || !answer.trained, "{value} T {t}");
        }
    }
    for value in [0.1, 0.7, 5.3, 34.324, 1013.25] {
        check::<FixedSeedLstm>(value);
        check::<TabulatedLstm>(value);
    }
}
