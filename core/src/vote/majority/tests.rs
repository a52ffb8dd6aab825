//! The vote against the published rule written down a second time, whole and cut into pieces.

use super::*;
use crate::wire::snapshot::{read_slice, write_slice};
use Outcome::{Agreeing, Confirmed, Local, Outvoted, Quiet};
use proptest::prelude::*;
use std::vec::Vec;

/// A snapshot whose body is what `fill` puts.
fn snapshot(fill: &dyn Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = std::vec![0; 400];
    let used = write_slice(&mut bytes, 0, fill).unwrap();
    bytes.truncate(used);
    bytes
}

/// The vote at the beginning of a snapshot's body; what follows is passed over.
fn restored<const V: usize>(bytes: &[u8]) -> Result<Vote<V>, SnapshotError> {
    let mut vote = Vote::new();
    read_slice(bytes, 0, 400, &mut |body| {
        vote = Vote::restored(body, V)?;
        while body.take::<u8>().is_ok() {}
        Ok(())
    })?;
    Ok(vote)
}

/// The same of a body that is these bytes.
fn forged<const V: usize>(body: &[u8]) -> Result<Vote<V>, SnapshotError> {
    restored(&snapshot(&|out| body.iter().for_each(|byte| out.put(byte))))
}

#[test]
fn the_named_cases() {
    let all = |_, _| true;
    let none = |_, _| false;
    assert_eq!(majority::<5>([], all), [Quiet; 5]);
    assert_eq!(
        majority::<5>([2], none),
        [Quiet, Quiet, Local, Quiet, Quiet]
    );
    assert_eq!(
        majority::<2>([0], all),
        [Outvoted, Quiet],
        "a tie is not confirmed"
    );
    assert_eq!(majority::<3>([0, 1], all), [Confirmed, Confirmed, Quiet]);
    assert_eq!(majority::<1>([0, 7], all), [Local], "no such variable");
    // 0 asks 1 (flagged): confirmed. 1 asks 0, 2, 3: two against two, a tie.
    let chain = |a, b| matches!((a, b), (0, 1) | (1, 0) | (1, 2) | (2, 1) | (1, 3) | (3, 1));
    assert_eq!(
        majority::<4>([0, 1], chain),
        [Confirmed, Agreeing, Quiet, Quiet],
        "the outvoted partner still supports"
    );
}

/// Who is related to whom, from 64 bits.
fn edge(edges: u64) -> impl Fn(usize, usize) -> bool {
    move |a, b| edges >> (8 * a.min(b) + a.max(b)) & 1 == 1
}

fn flagged(flags: u8) -> impl Iterator<Item = usize> + Clone {
    (0..8).filter(move |k| flags >> k & 1 == 1)
}

/// The published rule, one flagged variable after the other.
fn published(flags: u8, related: impl Fn(usize, usize) -> bool) -> [Outcome; 8] {
    let mut outcomes = [Quiet; 8];
    let mut supporters = Vec::new();
    for a in flagged(flags) {
        let others: Vec<usize> = (0..8).filter(|b| a != *b && related(a, *b)).collect();
        let for_it = |b: &usize| flags >> b & 1 == 1;
        let agree = 1 + others.iter().filter(|b| for_it(b)).count();
        outcomes[a] = if others.is_empty() {
            Local
        } else if agree > others.len() + 1 - agree {
            supporters.extend(others.into_iter().filter(for_it));
            Confirmed
        } else {
            Outvoted
        };
    }
    for b in supporters {
        if outcomes[b] == Outvoted {
            outcomes[b] = Agreeing;
        }
    }
    outcomes
}

proptest! {
    /// Broken by any dependence on the order of variables, or a lost flagged variable.
    #[test]
    fn permuting_variables_permutes_the_answer(
        flags in any::<u8>(), edges in any::<u64>(), seed in any::<u32>(),
    ) {
        let mut order: Vec<usize> = (0..8).collect();
        let mut state = seed;
        for k in (1..8).rev() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            order.swap(k, state as usize % (k + 1));
        }
        let inverse = |v: usize| order.iter().position(|o| *o == v).unwrap();
        let edge = edge(edges);
        let outcomes = majority::<8>(flagged(flags), &edge);
        let permuted = majority::<8>(flagged(flags).map(|k| order[k]), |a, b| {
            edge(inverse(a), inverse(b))
        });
        for k in 0..8 {
            prop_assert_eq!(permuted[order[k]], outcomes[k], "variable {}", k);
            prop_assert_eq!(outcomes[k].is_flagged(), flags >> k & 1 == 1);
            prop_assert_ne!(outcomes[k], Outcome::Waiting);
        }
    }

    /// Broken by a pair that is asked about twice or never, or in the other order.
    #[test]
    fn each_pair_is_asked_about_once_and_answered_as_published(
        flags in any::<u8>(), edges in any::<u64>(),
    ) {
        let edge = edge(edges);
        let mut asked = Vec::new();
        let outcomes = majority::<8>(flagged(flags), |a, b| {
            asked.push((a, b));
            edge(a, b)
        });
        prop_assert_eq!(outcomes, published(flags, &edge));
        let is = |k: usize| flags >> k & 1 == 1;
        let want: Vec<(usize, usize)> = flagged(flags)
            .flat_map(|a| (0..8).map(move |b| (a, b)))
            .filter(|(a, b)| a != b && !(b < a && is(*b)))
            .collect();
        prop_assert_eq!(&asked[..want.len()], &want[..]);
        for (a, b) in &asked[want.len()..] {
            let pair = [outcomes[*a], outcomes[*b]];
            prop_assert!(a < b && pair.contains(&Confirmed), "{} {} {:?}", a, b, pair);
        }
    }

    /// Broken if a vote that stops forgets, repeats or reorders a pair; or if one that is saved and
    /// restored at any cut goes on in another way.
    #[test]
    fn a_vote_in_pieces_equals_a_vote_at_once(
        flags in 1u8.., edges in any::<u64>(), pieces in prop::collection::vec(0u32..9, 1..9),
    ) {
        let edge = edge(edges);
        let mut at_once = Vec::new();
        let want = majority::<8>(flagged(flags), |a, b| {
            at_once.push((a, b));
            edge(a, b)
        });
        let mut vote = Vote::<8>::new();
        let mut flags_of = [Quiet; 8];
        flagged(flags).for_each(|k| flags_of[k] = Outcome::Waiting);
        vote.begin(&flags_of);
        let mut asked = Vec::new();
        for pairs in pieces.into_iter().chain(std::iter::repeat(3)) {
            let before = asked.len();
            let ended = vote.advance(8, pairs, |a, b| {
                asked.push((a, b));
                edge(a, b)
            });
            prop_assert!(asked.len() - before <= pairs as usize);
            if ended {
                break;
            }
            prop_assert_eq!(asked.len() - before, pairs as usize, "stopped early");
            let restored = restored::<8>(&snapshot(&|body| vote.save(body, 8))).unwrap();
            prop_assert_eq!(&restored, &vote);
            vote = restored;
        }
        prop_assert_eq!(&asked, &at_once);
        prop_assert_eq!(vote.outcomes(), &want);
        prop_assert!(!vote.is_in_progress());
        prop_assert!(vote.advance(8, 9, |_, _| unreachable!()), "nothing to ask any more");
    }

    /// Broken by a field of a snapshot that is taken unseen: a vote in progress that no frames can
    /// lead to, or one that never ends.
    #[test]
    fn forged_votes_are_refused_or_end(bytes in prop::collection::vec(0u8..6, 0..30), edges in any::<u64>()) {
        if let Ok(mut vote) = forged::<4>(&bytes) {
            prop_assert!(vote.advance(4, 12, edge(edges)));
            prop_assert!(!vote.outcomes().contains(&Outcome::Waiting));
        }
    }
}

/// Broken if any of these is taken from a snapshot.
#[test]
fn votes_that_make_no_sense_are_refused() {
    let sound = [1, 0, 1, 5, 0, 0, 0, 0, 0, 5, 0, 0];
    assert!(forged::<3>(&sound).is_ok());
    let cases: [(usize, u8, &str); 9] = [
        (0, 3, "no such stage"),
        (0, 2, "nothing waits while support is asked for"),
        (1, 1, "a quiet variable asks"),
        (1, 3, "a variable that does not exist asks"),
        (2, 0, "a variable asks itself"),
        (2, 3, "a variable that does not exist is asked"),
        (3, 1, "confirmed before all pairs were asked about"),
        (4, 2, "more agree than are flagged"),
        (8, 1, "a quiet variable has votes"),
    ];
    for (at, value, what) in cases {
        let mut bytes = sound;
        bytes[at] = value;
        assert!(forged::<3>(&bytes).is_err(), "{what}");
    }
}
