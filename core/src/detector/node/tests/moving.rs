//! A normal that moves: laws, what is accepted and when, and what is known again.

use super::series::{FITTED, Row, V, series};
use crate::node::fit::Work;
use crate::node::moving::{Model, Rules, Settings};
use crate::node::{Doubt, Moving, Wide, wide};
use crate::{Detector, Reading, Snapshot, Tick, testing};
use std::boxed::Box;
use std::vec::Vec;

const KEPT: usize = 300;
type Twelve = Moving<Wide<V>, V, KEPT>;
type TwelveRules = Rules<wide::Rules<V>, V, KEPT>;

fn settings() -> Settings<wide::Settings> {
    Settings {
        accept: KEPT as u32,
        ..Settings::new(wide::Settings {
            variables: V as u16,
        })
    }
}

fn rules() -> TwelveRules {
    settings().try_into().expect("room")
}

fn fitted() -> Twelve {
    let mut moving = Twelve::new();
    let rows = series(FITTED);
    let fit = moving.fit(&rules(), &mut rows.as_slice(), &mut Work::new());
    fit.expect("enough rows");
    moving
}

/// Rows behind the fit, in which half of the variables are higher by `more`.
fn shifted(rows: usize, more: f32) -> Vec<Row> {
    let rows = series(FITTED + rows).into_iter().skip(FITTED);
    rows.map(|row| core::array::from_fn(|j| row[j] + if j % 2 == 0 { more } else { 0.0 }))
        .collect()
}

/// Takes rows, and accepts what is due: rows that were alarmed, and fits.
fn run(moving: &mut Twelve, rows: &[Row]) -> (Vec<bool>, usize) {
    let (rules, mut fits) = (rules(), 0);
    let alarms = rows.iter().map(|row| {
        let tick = moving.next_tick();
        let verdict = moving.decide(&rules, tick, &row.map(Reading::from));
        if moving.is_due(&rules) {
            moving
                .accept(&rules, &mut Work::new())
                .expect("enough rows");
            fits += 1;
        }
        verdict.assessment.is_anomalous()
    });
    (alarms.collect(), fits)
}

fn alarmed(alarms: &[bool]) -> usize {
    alarms.iter().filter(|is_alarmed| **is_alarmed).count()
}

#[test]
fn the_laws_hold() {
    super::laws::obeyed(fitted, Twelve::new, &rules());
}

/// Broken by a snapshot without the second model, without the rows, or with their places.
#[test]
fn a_snapshot_goes_on_with_the_same_bits() {
    let mut whole = fitted();
    run(&mut whole, &shifted(KEPT + 50, 40.0));
    assert!(whole.model(Model::Second).rows() > 0);
    let rows = shifted(40, 90.0);
    let first = whole.next_tick().0;
    let inputs: Vec<(Tick, Vec<Reading>)> = (rows.iter().zip(first..))
        .map(|(row, tick)| (Tick(tick), row.map(Reading::from).to_vec()))
        .collect();
    let mut buffer = std::vec![0; Twelve::SNAPSHOT_MAX];
    for cut in [0, 1, 17, 40] {
        let fresh = || whole.clone();
        testing::survives_a_snapshot(fresh, &rules(), &inputs, cut, &mut buffer, false);
    }
    let used = whole.save(&rules(), &mut buffer).expect("room");
    let mut restored = Box::new(Twelve::new());
    restored.restore(&rules(), &buffer[..used]).expect("own");
    assert_eq!(restored.lasting(), whole.lasting());
    // What is kept was saved: a new normal is made of it.
    let fit = |moving: &mut Twelve| {
        moving.refit(&rules(), &mut Work::new()).expect("rows");
        moving.model(Model::First).threshold(rules().node())
    };
    assert_eq!(fit(&mut restored), fit(&mut whole));
}

/// Broken by a new normal that replaces the old one.
#[test]
fn a_lasting_change_is_accepted_once_and_a_normal_that_returns_is_known() {
    let mut moving = fitted();
    let (alarms, fits) = run(&mut moving, &shifted(2 * KEPT, 40.0));
    assert_eq!(alarmed(&alarms[..KEPT]), KEPT);
    assert_eq!((alarmed(&alarms[KEPT + 70..]), fits), (0, 1));
    assert_eq!(moving.counted(), Model::Second);
    for (more, model) in [(0.0, Model::First), (40.0, Model::Second)] {
        let (alarms, fits) = run(&mut moving, &shifted(200, more));
        assert!(alarmed(&alarms[70..]) <= 5 && fits == 0, "{more}");
        assert_eq!(moving.counted(), model);
    }
}

/// Broken by a time that counts rows before the change, or alarms of before.
#[test]
fn a_fault_that_is_shorter_is_seen_to_its_end() {
    let mut moving = fitted();
    let fault = KEPT - 100;
    let (alarms, fits) = run(&mut moving, &shifted(fault, 40.0));
    assert_eq!((alarmed(&alarms), fits), (fault, 0));
    let (_, fits) = run(&mut moving, &shifted(KEPT, 0.0));
    assert_eq!((fits, moving.lasting()), (0, 0));
    assert_eq!(moving.model(Model::Second).rows(), 0);
}

#[test]
fn an_operator_accepts_at_once_or_fits_anew() {
    let mut moving = fitted();
    let mut work = Work::new();
    run(&mut moving, &shifted(10, 40.0));
    let refused = moving.accept(&rules(), &mut work).unwrap_err();
    assert_eq!(refused.field, "rows");
    run(&mut moving, &shifted(120, 40.0));
    let confidence = moving.accept(&rules(), &mut work).expect("enough rows");
    assert_eq!((confidence.rows, confidence.held_out), (120, 24));
    assert_eq!(confidence.doubts().next(), Some(Doubt::HeldOut(24)));
    let (alarms, _) = run(&mut moving, &shifted(200, 40.0));
    assert!(alarmed(&alarms[70..]) <= 20, "{alarms:?}");
    moving.refit(&rules(), &mut work).expect("enough rows");
    assert_eq!(moving.model(Model::First).rows(), KEPT as u32);
    assert_eq!(moving.model(Model::Second).rows(), 0);
}

#[test]
fn a_time_beyond_the_rows_that_are_kept_is_refused() {
    for accept in [0, 19, KEPT as u32 + 1] {
        let settings = Settings {
            accept,
            ..settings()
        };
        assert_eq!(TwelveRules::try_from(settings).unwrap_err().field, "accept");
    }
}
