//! Snapshots: a state that is restored can go on, and one that is refused changes nothing.

use bellwether::repad2::predictor::{
    Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm, TabulatedLstm,
};
use bellwether::repad2::{self, Repad2};
use bellwether::snapshot::{HEADER_BYTES, Snapshot};
use bellwether::threshold::ema::{self, EmaThreshold};
use bellwether::vote::k_of_n::{self, KOfN};
use bellwether::{Assessment, Detector, Ensemble, LaneSettings, Reading, Settings, State, Tick};
use bellwether_sim::model::blob::checksum;

/// Kinds of state.
pub const KINDS: u8 = 8;

/// The first byte says of which kind; the rest is a snapshot, or the body of one.
pub fn snapshot(data: &[u8]) {
    if let Some((kind, rest)) = data.split_first() {
        of_kind(*kind, &Restored(rest));
    }
}

/// A file for the fuzzer: the kind and the body of its state after so many inputs.
pub fn seed(kind: u8, inputs: u64) -> Vec<u8> {
    let mut saved = vec![kind];
    saved.extend(of_kind(kind, &Saved(inputs)));
    saved
}

/// What is done with a state of any type, made by `fresh` and fed by `observe` with input `k`.
trait Deed {
    fn done<S: Snapshot>(
        &self,
        rules: &S::Rules,
        fresh: impl Fn() -> S,
        observe: impl Fn(&mut S, u64),
    ) -> Vec<u8>;
}

fn of_kind(kind: u8, deed: &impl Deed) -> Vec<u8> {
    match kind % KINDS {
        0 => ensemble::<TabulatedLstm>(deed, |_| {}),
        1 => ensemble::<Ewma>(deed, |settings| settings.lane.stuck_after = Some(3)),
        2 => ensemble::<FixedSeedLstm>(deed, |settings| settings.lane.epochs_per_frame = Some(20)),
        3 => lane::<TabulatedLstm>(deed),
        4 => lane::<Persistence>(deed),
        5 => lane::<SequenceLstm>(deed),
        6 => {
            let rules = ema::Rules::new(2, 7, 5).expect("in range");
            deed.done(&rules, EmaThreshold::new, |state, k| {
                let answer = Assessment {
                    score: Some(value(k)),
                    ..Assessment::bare(State::Normal)
                };
                state.observe(rules, answer);
            })
        }
        _ => {
            let rules = k_of_n::Rules::new(2, 5).expect("in range");
            deed.done(&rules, KOfN::new, |state, k| {
                state.observe(rules, k % 3 == 1);
            })
        }
    }
}

fn ensemble<F: Predictor>(deed: &impl Deed, edit: impl FnOnce(&mut Settings<2>)) -> Vec<u8> {
    let mut settings = Settings::DEFAULT;
    edit(&mut settings);
    let rules = Ensemble::<2, 8, 30, F>::rules(settings).expect("valid settings");
    deed.done(&rules, Ensemble::<2, 8, 30, F>::new, |state, k| {
        let frame = [value(k), value(k + 1)].map(Reading::from);
        Detector::observe(state, &rules, (Tick(1000 + k), frame));
    })
}

fn lane<F: Predictor>(deed: &impl Deed) -> Vec<u8> {
    let rules = repad2::Rules {
        lane: LaneSettings::DEFAULT.check(8).expect("valid settings"),
        floor: 1.0,
    };
    deed.done(&rules, Repad2::<8, F>::new, |state, k| {
        state.observe(&rules, Reading::from(value(k)));
    })
}

/// Steps with a jump, a missing value and a large one.
fn value(k: u64) -> f32 {
    match k % 11 {
        7 => 40.0,
        8 => f32::NAN,
        9 => -1e30,
        step => step as f32,
    }
}

fn save<S: Snapshot>(state: &S, rules: &S::Rules) -> Vec<u8> {
    let mut buffer = vec![0; S::SNAPSHOT_MAX];
    let used = state
        .save(rules, &mut buffer)
        .expect("room that always suffices");
    buffer.truncate(used);
    buffer
}

/// The body of the state after so many inputs.
struct Saved(u64);

impl Deed for Saved {
    fn done<S: Snapshot>(
        &self,
        rules: &S::Rules,
        fresh: impl Fn() -> S,
        observe: impl Fn(&mut S, u64),
    ) -> Vec<u8> {
        let mut state = fresh();
        (0..self.0).for_each(|k| observe(&mut state, k));
        save(&state, rules)[HEADER_BYTES..].to_vec()
    }
}

/// Bytes are restored, as they are and behind a header, and go on.
struct Restored<'a>(&'a [u8]);

impl Deed for Restored<'_> {
    fn done<S: Snapshot>(
        &self,
        rules: &S::Rules,
        fresh: impl Fn() -> S,
        observe: impl Fn(&mut S, u64),
    ) -> Vec<u8> {
        let before = save(&fresh(), rules);
        for bytes in [self.0.to_vec(), sealed(&before, self.0)] {
            let mut state = fresh();
            if state.restore(rules, &bytes).is_err() {
                let after = save(&state, rules);
                assert!(after == before, "a refused snapshot changed something");
                continue;
            }
            let mut twin = fresh();
            let saved = save(&state, rules);
            twin.restore(rules, &saved).expect("what was saved");
            for k in 0..12 {
                observe(&mut state, k);
                observe(&mut twin, k);
            }
            assert!(
                save(&state, rules) == save(&twin, rules),
                "two restored states went apart"
            );
        }
        before
    }
}

/// A body behind a header that fits it, made from that of another snapshot of the same shape.
fn sealed(other: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = other[..HEADER_BYTES - 8].to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    let mut checked = bytes.clone();
    checked.extend_from_slice(body);
    bytes.extend(checksum(&checked).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}
