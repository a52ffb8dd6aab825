//! The ensemble's vote against the published one with its matrix of all correlations; votes that
//! are spread over frames against votes at once; and as many variables as there can be.

use super::*;
use crate::detector::repad2::predictor::{Fit, Persistence};
use crate::wire::snapshot::{CHECKSUM_BYTES, HEADER_BYTES};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::boxed::Box;
use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

const V: usize = 6;
/// Errors of a lane.
const W: usize = 8;
/// Frames that histories hold.
const P: usize = 33;

type Six = Rola<V, W, P, Persistence>;
type SixRules = Rules<V, W, P>;

/// Lanes that flag often, and a vote that knows relations early.
fn rules(edit: impl FnOnce(&mut Settings<V>)) -> SixRules {
    let mut settings = Settings::DEFAULT;
    settings.lane.sigmas = 0.9;
    settings.vote.history = Some(9);
    settings.vote.limit = 0.6;
    settings.vote.min_samples = 4;
    edit(&mut settings);
    Rules::new(settings).unwrap()
}

/// Noise in [0, 1).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f32 {
        let state = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = state.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 24) as f32
    }
}

/// Frames in which variables follow three signals, more or less closely, jump alone or together,
/// and are missing now and then.
fn frames(seed: u64, count: usize) -> Vec<[Reading; V]> {
    let mut noise = Noise(seed);
    let mut level = [50.0; 3];
    (0..count)
        .map(|_| {
            for level in &mut level {
                let jump = if noise.next() < 0.15 { 12.0 } else { 1.0 };
                *level += jump * (noise.next() - 0.5);
            }
            let mut readings = [Reading::Absent(Cause::Missing); V];
            for (k, reading) in readings.iter_mut().enumerate() {
                let alone = if noise.next() < 0.05 { 9.0 } else { 0.2 };
                let sign = if k == 4 { -1.0 } else { 1.0 };
                let value = 90.0 + sign * level[k * k % 3] + alone * noise.next();
                *reading = match noise.next() {
                    u if u < 0.03 => Reading::Value(f32::NAN),
                    u if u < 0.05 => Reading::Absent(Cause::Sensor),
                    _ => Reading::Value(value),
                };
            }
            readings
        })
        .collect()
}

/// Sets of variables, and the correlations with their bits.
#[derive(Debug, PartialEq)]
struct Published {
    flagged: BTreeSet<usize>,
    confirmed: BTreeSet<usize>,
    agreeing: BTreeSet<usize>,
    local: BTreeSet<usize>,
    outvoted: BTreeSet<usize>,
    correlations: Vec<(usize, usize, u32)>,
}

/// The vote as it was published: every flagged variable asks all others, with a matrix of what it
/// was told.
fn published<const V: usize, const W: usize, const P: usize, F: Predictor>(
    rola: &Rola<V, W, P, F>,
    rules: &Rules<V, W, P>,
) -> Published {
    let lanes = rola.verdict().lanes();
    let flagged: BTreeSet<usize> = (0..lanes.len())
        .filter(|k| lanes[*k].is_anomalous())
        .collect();
    let settings = rules.settings().vote;
    let mut matrix: Vec<Vec<Option<f32>>> = std::vec![std::vec![None; V]; V];
    let strong = |r: Option<f32>| r.is_some_and(|r| r.abs() > settings.limit);
    let [mut confirmed, mut agreeing, mut local, mut outvoted] = [const { BTreeSet::new() }; 4];
    for &a in &flagged {
        let mut supporters = BTreeSet::from([a]);
        let mut against = 0;
        for b in (0..lanes.len()).filter(|b| *b != a) {
            matrix[a][b] = if b < a && flagged.contains(&b) {
                matrix[b][a]
            } else {
                let [x, y] = [a, b].map(|k| &rola.channels[k].history);
                pearson(x, y, rules.history(), 0, settings.min_samples.into())
            };
            match (strong(matrix[a][b]), flagged.contains(&b)) {
                (true, true) => _ = supporters.insert(b),
                (true, false) => against += 1,
                _ => {}
            }
        }
        if supporters.len() == 1 && against == 0 {
            local.insert(a);
        } else if supporters.len() > against {
            confirmed.insert(a);
            agreeing.extend(supporters);
        } else {
            outvoted.insert(a);
        }
    }
    let mut correlations = Vec::new();
    for &a in &flagged {
        for (b, r) in matrix[a].iter().enumerate().take(lanes.len()) {
            if strong(*r) && (a < b || !flagged.contains(&b)) {
                correlations.push((a, b, r.unwrap().to_bits()));
            }
        }
    }
    Published {
        flagged,
        confirmed,
        agreeing,
        local,
        outvoted,
        correlations,
    }
}

fn bits(correlations: impl Iterator<Item = Correlation>) -> Vec<(usize, usize, u32)> {
    correlations.map(|c| (c.a, c.b, c.r.to_bits())).collect()
}

/// The answer of the ensemble, in the words of the published one.
fn ours<const V: usize, const W: usize, const P: usize, F: Predictor>(
    rola: &Rola<V, W, P, F>,
    rules: &Rules<V, W, P>,
) -> Published {
    let verdict = rola.verdict();
    Published {
        flagged: verdict.flagged().collect(),
        confirmed: verdict.confirmed().collect(),
        agreeing: verdict.agreeing().collect(),
        local: verdict.local().collect(),
        outvoted: verdict.outvoted().collect(),
        correlations: bits(rola.correlations(rules)),
    }
}

/// An alert says what the outcomes say.
fn check_alert<const V: usize>(verdict: &Verdict<V>) {
    let want = if verdict.confirmed().next().is_some() {
        Alert::Correlated
    } else if verdict.flagged().next().is_some() {
        Alert::Single
    } else {
        Alert::None
    };
    assert_eq!(verdict.alert(), want, "{verdict:?}");
    assert_eq!(verdict.assessment().alert(), want);
    assert_eq!(verdict.assessment().is_anomalous(), verdict.is_confirmed());
}

/// Broken if random frames never lead to an outcome, so that the tests below say nothing of it.
#[test]
fn the_random_frames_lead_to_every_outcome() {
    let rules = rules(|s| s.vote.pairs_per_frame = Some(2));
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..20 {
        let mut rola = Six::new();
        for (t, frame) in frames(seed, 200).iter().enumerate() {
            let verdict = rola.decide(&rules, Tick(t as u64), frame);
            for k in 0..V {
                *seen.entry(verdict.outcome(k).name()).or_default() += 1;
            }
        }
    }
    let names = [
        "agreeing",
        "confirmed",
        "local",
        "outvoted",
        "quiet",
        "waiting",
    ];
    assert!(seen.keys().eq(&names), "{seen:?}");
    assert!(seen.values().all(|n| *n > 20), "{seen:?}");
}

proptest! {
    /// Broken by any outcome, or any bit or place of a correlation, that differs from the published
    /// vote with its matrix.
    #[test]
    fn the_vote_is_the_published_one(seed in any::<u64>(), variables in 1..=V as u16) {
        let rules = rules(|s| s.variables = variables);
        let mut rola = Six::new();
        for (t, frame) in frames(seed, 120).iter().enumerate() {
            rola.decide(&rules, Tick(t as u64), frame);
            let want = published(&rola, &rules);
            let verdict = rola.verdict();
            check_alert(verdict);
            let voted = (!want.flagged.is_empty()).then_some(verdict.tick);
            prop_assert_eq!(verdict.vote_tick, voted);
            prop_assert_eq!(ours(&rola, &rules), want, "T {}", t);
        }
    }

    /// Broken if a spread vote rests on other frames than the one at once, forgets a pair, answers
    /// about another frame, or disturbs a lane; or if a save and a restore in its middle do. All
    /// frames that a vote takes fit beside the history: 9, and 24 with 15 pairs and at most 9 of an
    /// outvoted and a confirmed variable.
    #[test]
    fn a_spread_vote_answers_late_and_the_same(
        seed in any::<u64>(), pairs in 1u16..20, saved in 0usize..3,
    ) {
        let at_once = rules(|_| {});
        let spread = rules(|s| s.vote.pairs_per_frame = Some(pairs));
        let (mut a, mut b) = (Six::new(), Six::new());
        let mut verdicts = BTreeMap::new();
        let mut about = None;
        let mut buffer = [0; Six::SNAPSHOT_MAX];
        for (t, frame) in frames(seed, 150).iter().enumerate() {
            let tick = Tick(t as u64);
            a.decide(&at_once, tick, frame);
            b.decide(&spread, tick, frame);
            let want = ours(&a, &at_once);
            let verdict = b.verdict();
            check_alert(verdict);
            for k in 0..V {
                let [x, y] = [&a, &b].map(|rola| {
                    let lane = rola.verdict().lanes()[k];
                    let numbers = [lane.expected, lane.score, lane.threshold];
                    (lane.state, numbers.map(|x| x.map(f32::to_bits)))
                });
                prop_assert_eq!(x, y);
            }
            if about.is_none() && !want.flagged.is_empty() {
                about = Some(tick);
            }
            verdicts.insert(tick, want);
            if let Some(voted) = verdict.vote_tick {
                prop_assert_eq!(about, Some(voted));
                about = None;
                // Outcomes are those of then, but for who is flagged now and was not then.
                let mut then = ours(&b, &spread);
                let waiting: BTreeSet<usize> = verdict.waiting().collect();
                then.flagged = &then.flagged - &waiting;
                prop_assert_eq!(&then, &verdicts[&voted], "T {} about {:?}", t, voted);
                prop_assert_eq!(waiting, &verdicts[&tick].flagged - &then.flagged);
            } else {
                prop_assert!(verdict.waiting().eq(verdicts[&tick].flagged.iter().copied()));
                prop_assert!(verdict.flagged().eq(verdict.waiting()));
                prop_assert_eq!(b.correlations(&spread).count(), 0);
            }
            let since = about.map_or(0, |about| tick.0 - about.0);
            prop_assert!(since <= 23u64.div_ceil(pairs.into()), "{} frames", since);
            if saved > 0 && t % saved == 0 {
                let used = b.save(&spread, &mut buffer).unwrap();
                b = Six::new();
                prop_assert_eq!(b.restore(&spread, &buffer[..used]), Ok(Tick(tick.0 + 1)));
            }
        }
    }

    /// Broken if a vote whose frame histories no longer hold whole rests on anything but the part
    /// that they do hold.
    #[test]
    fn a_vote_too_late_rests_on_the_frames_that_are_held(seed in any::<u64>(), pairs in 1u16..5) {
        let spread = rules(|s| {
            s.vote.pairs_per_frame = Some(pairs);
            s.vote.history = None;
        });
        let mut rola = Six::new();
        let mut then = rola.clone();
        let mut most = 0;
        for (t, frame) in frames(seed, 150).iter().enumerate() {
            rola.decide(&spread, Tick(t as u64), frame);
            let late = rola.ballot.late();
            if rola.ballot.vote.is_in_progress() && late == 0 {
                then = rola.clone();
            }
            for Correlation { a, b, r } in rola.correlations(&spread) {
                if late > 0 {
                    let [x, y] = [a, b].map(|k| &then.channels[k].history);
                    let want = pearson(x, y, P - late, 0, 4).unwrap();
                    prop_assert_eq!(r.to_bits(), want.to_bits());
                    most = most.max(late);
                }
            }
        }
        prop_assume!(most > 0);
    }

    /// Broken by a vote that never ends, an outcome without an alert, or an unusable frame that moves
    /// a vote: NaN, infinities, gaps, ticks that do not advance, other rules, and resets, in any
    /// order; histories that no longer hold the frame of the vote.
    #[test]
    fn hostile_frames_do_not_upset_a_spread_vote(
        seed in any::<u64>(),
        steps in prop::collection::vec((0u8..12, any::<u32>()), 1..200),
        pairs in 1u16..4,
    ) {
        let spread = rules(|s| {
            s.vote.pairs_per_frame = Some(pairs);
            s.vote.history = Some(P as u16);
        });
        let fewer = rules(|s| {
            s.vote.pairs_per_frame = Some(pairs);
            s.variables = 3;
        });
        let (mut rola, mut undisturbed) = (Six::new(), Six::new());
        let mut tick = Tick(0);
        let mut going = 0;
        for ((step, junk), frame) in steps.into_iter().zip(frames(seed, 200)) {
            let mut frame = frame;
            let mut rules = &spread;
            tick.0 += 1;
            match step {
                0 => frame[junk as usize % V] = Reading::Value(f32::from_bits(junk)),
                1 => frame = [Reading::Value(f32::NAN); V],
                2 => frame = [Reading::Value(f32::INFINITY); V],
                3 => tick.0 += u64::from(junk),
                4 => {
                    // The last tick again: refused, unless nothing came since a reset.
                    if let Some(last) = rola.clock.last() {
                        let refused = rola.decide(&spread, last, &frame);
                        prop_assert_eq!(refused.alert(), Alert::None);
                        check_alert(refused);
                    }
                }
                5 if junk % 4 == 0 => {
                    rola.reset();
                    undisturbed.reset();
                }
                6 => rules = &fewer,
                _ => {}
            }
            rola.decide(rules, tick, &frame);
            undisturbed.decide(rules, tick, &frame);
            check_alert(rola.verdict());
            prop_assert_eq!(ours(&rola, rules), ours(&undisturbed, rules));
            going = if rola.ballot.vote.is_in_progress() { going + 1 } else { 0 };
            prop_assert!(going <= 24, "a vote of {} frames", going);
        }
    }
}

/// Broken if a relation of a later frame than the vote's counts: the last two variables are related
/// up to the frame that is flagged and go apart after it, before one asks the other.
#[test]
fn a_spread_vote_does_not_look_beyond_its_frame() {
    let rules = rules(|s| s.vote.pairs_per_frame = Some(1));
    let mut rola = Six::new();
    let mut confirmed = Vec::new();
    for t in 0..40 {
        let value = |k: usize| match (k, t) {
            (..=3, _) => 7.0,
            (k, 24) => 140.0 + k as f32,
            (_, ..24) => 100.0 + t as f32,
            (4, _) => 100.0 + 50.0 * (t % 2) as f32,
            _ => 100.0 + 50.0 * (t / 2 % 2) as f32,
        };
        let frame: [Reading; V] = core::array::from_fn(|k| Reading::Value(value(k)));
        let verdict = rola.decide(&rules, Tick(t), &frame);
        if let Some(about) = verdict.vote_tick {
            confirmed.push((t, about.0, verdict.confirmed().collect::<Vec<_>>()));
        }
    }
    // 4 asks the first four, which are constant, then 5; and 5 the first four: nine frames, the
    // first of them at once.
    assert_eq!(confirmed[0], (32, 24, std::vec![4, 5]));
}

/// Broken if a vote about no frame is taken from a snapshot, or a history longer than that of the
/// vote: it would be looked at beyond the frame.
#[test]
fn an_impossible_vote_is_refused() {
    let spread = rules(|s| s.vote.pairs_per_frame = Some(1));
    let mut rola = Six::new();
    let mut frames = frames(3, 200).into_iter().enumerate();
    let late = frames.by_ref().find(|(t, frame)| {
        rola.decide(&spread, Tick(*t as u64), frame);
        *t > 20 && rola.ballot.held() == 2
    });
    assert!(late.is_some(), "a vote is in progress");
    let shape = Six::shape(&spread);
    let mut buffer = [0; Six::SNAPSHOT_MAX];
    let used = rola.save(&spread, &mut buffer).unwrap();
    let sound = &buffer[HEADER_BYTES..used - CHECKSUM_BYTES];
    // `started` is the first byte; how late the vote is, the last one.
    let last = sound.len() - 1;
    assert_eq!((sound[0], sound[last]), (1, 2));
    for (at, value, fits) in [(last, 2, true), (last, 3, true), (last, 1, false)] {
        let mut body = Vec::from(sound);
        body[at] = value;
        let mut buffer = [0; Six::SNAPSHOT_MAX];
        let used = snapshot::write_slice(&mut buffer, shape, &|out| {
            body.iter().for_each(|byte| out.put(byte));
        });
        let restored = Six::new().restore(&spread, &buffer[..used.unwrap()]);
        assert_eq!(restored.is_ok(), fits, "{at} {value}");
    }
    rola.clock = Clock::new();
    let used = rola.save(&spread, &mut buffer).unwrap();
    assert!(
        Six::new().restore(&spread, &buffer[..used]).is_err(),
        "about no frame"
    );
}

/// Variables that are ramps but for the odd ones, which are constant: see below.
fn ramps<const V: usize>(t: u64, jumps: impl Fn(usize) -> bool) -> Box<[Reading; V]> {
    let readings: Vec<Reading> = (0..V)
        .map(|k| {
            let value = if k.is_multiple_of(2) {
                100.0 + t as f32
            } else {
                50.0
            };
            let jump = f32::from(u8::from(t == 30 && jumps(k)));
            Reading::Value(value + jump)
        })
        .collect();
    readings.into_boxed_slice().try_into().unwrap()
}

/// Broken by an index that does not fit, or a set that is too small: 256 ramps are related to each
/// other, of which one more than half jump, or half; and the last variable, a constant, jumps too.
#[test]
fn five_hundred_and_twelve_variables_vote() {
    const V: usize = crate::sample::MAX_VARIABLES;
    type Many = Rola<V, 8, 8, Persistence>;
    let mut settings = Settings::<V>::DEFAULT;
    settings.lane.sigmas = 1.0;
    settings.vote.min_samples = 4;
    assert_eq!(settings.variables, 512);
    for (low, outcome) in [(254, Outcome::Confirmed), (256, Outcome::Outvoted)] {
        let rules = Box::new(Rules::<V, 8, 8>::new(settings.clone()).unwrap());
        let jumps = |k: usize| k == V - 1 || k.is_multiple_of(2) && k >= low;
        let mut rola = Box::new(Many::new());
        for t in 0..=30 {
            rola.decide(&rules, Tick(t), &*ramps::<V>(t, jumps));
        }
        let verdict = rola.verdict();
        for k in 0..V {
            let want = match k {
                _ if !jumps(k) => Outcome::Quiet,
                511 => Outcome::Local,
                _ => outcome,
            };
            assert_eq!(verdict.outcome(k), want, "{k}");
        }
        check_alert(verdict);
        let want = published(&rola, &rules);
        let jumped = want.flagged.len() - 1;
        assert_eq!(
            want.correlations.len(),
            jumped * (jumped - 1) / 2 + jumped * (256 - jumped)
        );
        assert_eq!(ours(&rola, &rules), want);
        let mut buffer = std::vec![0; Many::SNAPSHOT_MAX];
        let used = rola.save(&rules, &mut buffer).unwrap();
        let mut restored = Box::new(Many::new());
        assert_eq!(restored.restore(&rules, &buffer[..used]), Ok(Tick(31)));
    }
}

/// A predictor as another crate may write it: without `defmt::Format`, its trainer too.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Foreign(f32);

#[derive(Clone, Debug)]
struct ForeignTrainer(u16);

impl Predictor for Foreign {
    const NAME: &'static str = "foreign";
    type Trainer = ForeignTrainer;
    const IDLE: ForeignTrainer = ForeignTrainer(2);
    const UNTRAINED: Self = Self(0.0);
    const EPOCHS: u16 = 2;

    fn fit_step(trainer: &mut ForeignTrainer, context: &[f32; 3], budget: &mut u16) -> Fit<Self> {
        let epochs = trainer.0.min(*budget);
        trainer.0 -= epochs;
        *budget -= epochs;
        if trainer.0 > 0 {
            return Fit::Pending;
        }
        *trainer = Self::IDLE;
        Fit::Done(Self(context[2]))
    }

    fn predict(&self, _: &[f32; 3]) -> f32 {
        self.0
    }
}

/// Does not compile if a feature puts a bound on predictors. And broken if lanes beyond the 255th
/// get no turn to train.
#[test]
fn a_foreign_predictor_needs_no_feature_and_every_lane_gets_its_turn() {
    const V: usize = 300;
    let mut settings = Settings::<V>::DEFAULT;
    settings.lane.epochs_per_frame = Some(90);
    let rules = Rules::<V, 4, 4>::new(settings).unwrap();
    let mut rola = Box::new(Rola::<V, 4, 4, Foreign>::new());
    let mut buffer = std::vec![0; Rola::<V, 4, 4, Foreign>::SNAPSHOT_MAX];
    let mut owners = BTreeSet::new();
    for t in 0..40 {
        let frame = [Reading::Value(t as f32); V];
        rola.decide(&rules, Tick(t), &frame);
        let used = rola.save(&rules, &mut buffer).unwrap();
        let mut restored = Box::new(Rola::<V, 4, 4, Foreign>::new());
        assert_eq!(restored.restore(&rules, &buffer[..used]), Ok(Tick(t + 1)));
        owners.insert(restored.scratch.owner());
        rola = restored;
    }
    assert!((0..V).all(|k| rola.lane(k).unwrap().trainings() > 0));
    assert!(owners.iter().any(|owner| *owner > 256), "{owners:?}");
}
