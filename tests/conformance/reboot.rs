//! A device that is switched off and on in the middle of FerryBox. Its counter of ticks begins at 0
//! again, what it has learned does not: every verdict has the bits of the device that stayed on.

use bellwether::repad2::predictor::{FixedSeedLstm, Predictor, TabulatedLstm};
use bellwether::repad2::{Guard, Recheck};
use bellwether::rola::{Rola, Rules, Settings};
use bellwether::{Alert, Blindness, Frame, Outcome, Reading, Snapshot, State, Tick};
use bellwether_conformance::bits::VerdictBits;
use bellwether_conformance::data::Table;
use std::collections::BTreeSet;

/// As large as [`bellwether::Paper9`].
type Paper<F> = Rola<9, 1440, 1440, F>;
type PaperRules = Rules<9, 1440, 1440>;

/// What a verdict says, and each correlation that voted, as bits.
type Said = (VerdictBits, Vec<(usize, usize, u32)>);

fn recording() -> Option<Vec<Frame<9>>> {
    let series = Table::read("ferrybox/ferrybox.csv")?;
    let frame = |row: Vec<f32>| std::array::from_fn(|k| Reading::from(row[k]));
    Some(series.values().into_iter().map(frame).collect())
}

fn fresh<F: Predictor>() -> Box<Paper<F>> {
    Box::new(Paper::new())
}

/// `frame` tells the frame of a tick.
fn decided<F: Predictor>(
    rola: &mut Paper<F>,
    rules: &PaperRules,
    tick: Tick,
    readings: &[Reading],
    frame: impl Fn(Tick) -> u64,
) -> Said {
    let verdict = VerdictBits::of(rola.decide(rules, tick, readings), frame);
    let voted = rola.correlations(rules);
    let voted = voted.map(|voted| (voted.a, voted.b, voted.r.to_bits()));
    (verdict, voted.collect())
}

/// A snapshot as it lies in flash, written page by page.
fn saved<F: Predictor>(rola: &Paper<F>, rules: &PaperRules) -> Vec<u8> {
    let mut flash = Vec::new();
    let mut store = |piece: &[u8]| {
        flash.extend_from_slice(piece);
        Ok::<(), ()>(())
    };
    let used = rola.save_to(rules, &mut store).expect("room");
    assert_eq!(used, flash.len());
    flash
}

/// A new state with what was learned, and the tick that would come next.
fn rebooted<F: Predictor>(flash: &[u8], rules: &PaperRules) -> (Box<Paper<F>>, Tick) {
    let mut rola = fresh();
    let mut load = |offset: usize, piece: &mut [u8]| {
        piece.copy_from_slice(&flash[offset..offset + piece.len()]);
        Ok::<(), ()>(())
    };
    let next = rola.restore_from(rules, &mut load).expect("own snapshot");
    (rola, next)
}

/// The verdicts of a device that stays on, and the number of trainings of each lane.
struct Uninterrupted {
    said: Vec<Said>,
    trainings: Vec<Option<u32>>,
}

fn trainings<F: Predictor>(rola: &Paper<F>) -> Vec<Option<u32>> {
    let lanes = (0..9).map(|k| rola.lane(k));
    lanes.map(|lane| Some(lane?.trainings())).collect()
}

fn uninterrupted<F: Predictor>(rules: &PaperRules, frames: &[Frame<9>]) -> Uninterrupted {
    let mut rola = fresh::<F>();
    let ticks = (0..).map(Tick);
    let said = ticks.zip(frames);
    let said = said.map(|(tick, frame)| decided(&mut rola, rules, tick, frame, |tick| tick.0));
    Uninterrupted {
        said: said.collect(),
        trainings: trainings(&rola),
    }
}

/// Switches off once before frame `cut`, for each of them.
fn switched_off_once<F: Predictor>(
    rules: &PaperRules,
    frames: &[Frame<9>],
    cuts: impl Iterator<Item = usize>,
    wanted: &Uninterrupted,
) {
    let mut rola = fresh::<F>();
    let mut on = 0;
    for cut in cuts {
        for (frame, tick) in frames[on..cut].iter().zip(on as u64..) {
            rola.decide(rules, Tick(tick), frame);
        }
        on = cut;
        let (mut second, next) = rebooted::<F>(&saved(&rola, rules), rules);
        assert_eq!(next, Tick(cut as u64), "what a clock would go on with");
        for (frame, (tick, wanted)) in frames[cut..].iter().zip((0..).zip(&wanted.said[cut..])) {
            // A vote that began before is about a tick of the old count, all of which are higher.
            let frame_of = |of: Tick| of.0 + if of.0 > tick { 0 } else { cut as u64 };
            let found = decided(&mut second, rules, Tick(tick), frame, frame_of);
            assert_eq!(&found, wanted, "frame {tick} after {cut}");
        }
        assert_eq!(trainings(&second), wanted.trainings, "off before {cut}");
    }
}

fn rules(edit: impl FnOnce(&mut Settings<9>)) -> PaperRules {
    let mut settings = Settings::DEFAULT;
    settings.lane.recheck = Recheck::Replace;
    edit(&mut settings);
    Rules::new(settings).expect("valid settings")
}

/// Frames that a condition is true of.
fn those(said: &[Said], is: impl Fn(&VerdictBits) -> bool) -> BTreeSet<usize> {
    let frames = said.iter().enumerate();
    frames
        .filter(|(_, (verdict, _))| is(verdict))
        .map(|(k, _)| k)
        .collect()
}

/// Broken by anything that a snapshot forgets, and by a restored lane that waits for the ticks of
/// before. Off while lanes warm up, while windows fill and when they are full, before and after each
/// confirmed anomaly, and at the end.
#[test]
fn every_verdict_after_a_reboot_is_that_of_the_device_that_stayed_on() {
    let Some(frames) = recording() else { return };
    let rules = rules(|_| {});
    let wanted = uninterrupted::<TabulatedLstm>(&rules, &frames);
    let confirmed = those(&wanted.said, |verdict| verdict.alert == Alert::Correlated);
    assert_eq!(confirmed.len(), 28, "as the golden file has");
    let mut cuts = BTreeSet::from([0, 1, 2, 3, 5, 6, 7, 8, 31, 1439, 1440, 1441, frames.len()]);
    cuts.extend((0..frames.len()).step_by(501));
    cuts.extend(confirmed.iter().flat_map(|k| [*k, k + 1]));
    switched_off_once::<TabulatedLstm>(&rules, &frames, cuts.into_iter(), &wanted);
}

/// The same with a reboot before every 97th frame, so that each goes on from a restored state.
#[test]
fn a_device_that_is_switched_off_again_and_again_says_the_same() {
    const ON: usize = 97;
    let Some(frames) = recording() else { return };
    let rules = rules(|_| {});
    let wanted = uninterrupted::<TabulatedLstm>(&rules, &frames);
    let mut rola = fresh::<TabulatedLstm>();
    for (boot, frames) in frames.chunks(ON).enumerate() {
        let before = boot * ON;
        for (k, frame) in frames.iter().enumerate() {
            let frame_of = |of: Tick| of.0 + before as u64;
            let found = decided(&mut rola, &rules, Tick(k as u64), frame, frame_of);
            assert_eq!(found, wanted.said[before + k], "boot {boot}, frame {k}");
        }
        (rola, _) = rebooted(&saved(&rola, &rules), &rules);
    }
    assert_eq!(trainings(&rola), wanted.trainings);
}

/// Broken by a training or a vote that ends with the power: both are spread over frames, and the
/// device is switched off in the middle of them. With the guard that restarts two lanes.
#[test]
fn trainings_and_votes_in_progress_go_on_after_a_reboot() {
    let Some(frames) = recording() else { return };
    let rules = rules(|settings| {
        settings.lane.epochs_per_frame = Some(20);
        settings.lane.guard = Some(Guard {
            error: 0.5,
            samples: 60,
        });
        settings.vote.history = Some(1400);
        settings.vote.pairs_per_frame = Some(3);
    });
    let wanted = uninterrupted::<FixedSeedLstm>(&rules, &frames);
    let training = State::Blind {
        cause: Blindness::Training,
    };
    let trains = |verdict: &VerdictBits| {
        let mut lanes = verdict.variables.iter();
        lanes.any(|((state, ..), ..)| *state == training)
    };
    let waits = |verdict: &VerdictBits| {
        let mut variables = verdict.variables.iter();
        variables.any(|(.., outcome)| *outcome == Outcome::Waiting)
    };
    let (in_training, in_vote) = (those(&wanted.said, trains), those(&wanted.said, waits));
    assert!(in_training.len() > 100 && in_vote.len() > 20);
    let late = those(&wanted.said, |verdict| verdict.late > Some(0));
    assert!(!late.is_empty(), "votes end in later frames");
    let cuts = in_training.iter().step_by(40);
    let cuts = cuts.chain(in_vote.iter().step_by(4)).map(|k| k + 1);
    let cuts: BTreeSet<usize> = cuts.collect();
    switched_off_once::<FixedSeedLstm>(&rules, &frames, cuts.into_iter(), &wanted);
}
