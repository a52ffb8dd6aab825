//! The vote (RoLA, section 3): who among the related variables agrees with a flagged one.

use crate::sample::VariableSet;

/// Result of a vote. The first, third and fourth set partition the flagged variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Poll {
    /// Flagged variables whose vote passed.
    pub confirmed: VariableSet,
    /// Confirmed variables and the flagged variables related to them.
    pub agreeing: VariableSet,
    /// Flagged variables without a related one.
    pub local: VariableSet,
    /// Flagged variables whose vote did not pass.
    pub outvoted: VariableSet,
}

/// For each flagged variable, the variables related to it vote: the flagged ones and itself
/// for an anomaly, the others against. A strict majority confirms; a tie does not. A flagged
/// variable related to no other is `local`, never confirmed.
///
/// Pure: permuting the variables permutes the answer. `related(a, b)` is asked for flagged
/// `a` only, once per ordered pair.
///
/// ```
/// use bellwether::{VariableSet, vote::majority::confirm};
/// let flagged = VariableSet::from_iter([0, 1]);
/// // 0, 1 and 2 are related to each other: two against one.
/// let poll = confirm(&flagged, 4, |a, b| a < 3 && b < 3);
/// assert_eq!(poll.confirmed, flagged);
/// ```
pub fn confirm(
    flagged: &VariableSet,
    variables: usize,
    mut related: impl FnMut(usize, usize) -> bool,
) -> Poll {
    let mut poll = Poll::default();
    for a in flagged.iter() {
        let mut agreeing = VariableSet::EMPTY;
        agreeing.insert(a);
        let (mut agree, mut against) = (1usize, 0usize);
        for b in 0..variables {
            if b == a || !related(a, b) {
                continue;
            }
            if flagged.contains(b) {
                agree += 1;
                agreeing.insert(b);
            } else {
                against += 1;
            }
        }
        if agree == 1 && against == 0 {
            poll.local.insert(a);
        } else if agree > against {
            poll.confirmed.insert(a);
            poll.agreeing.extend(&agreeing);
        } else {
            poll.outvoted.insert(a);
        }
    }
    poll
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(variables: &[usize]) -> VariableSet {
        variables.iter().copied().collect()
    }

    #[test]
    fn the_named_cases() {
        let all = |_, _| true;
        let none = |_, _| false;
        assert_eq!(confirm(&set(&[]), 5, all), Poll::default());
        assert_eq!(confirm(&set(&[2]), 5, none).local, set(&[2]));
        assert_eq!(
            confirm(&set(&[0]), 2, all).outvoted,
            set(&[0]),
            "a tie is not confirmed"
        );
        assert_eq!(confirm(&set(&[0, 1]), 3, all).confirmed, set(&[0, 1]));
        // 0 asks 1 (flagged): confirmed. 1 asks 0, 2, 3: two against two, a tie.
        let chain = |a, b| matches!((a, b), (0, 1) | (1, 0) | (1, 2) | (2, 1) | (1, 3) | (3, 1));
        let poll = confirm(&set(&[0, 1]), 4, chain);
        assert_eq!((poll.confirmed, poll.outvoted), (set(&[0]), set(&[1])));
        assert_eq!(
            poll.agreeing,
            set(&[0, 1]),
            "the outvoted partner still supports"
        );
    }

    proptest! {
        /// Broken by any dependence on the order of variables, or a lost flagged variable.
        #[test]
        fn permuting_variables_permutes_the_answer(
            flags in any::<u8>(), edges in any::<u64>(), seed in any::<u32>(),
        ) {
            let mut order: std::vec::Vec<usize> = (0..8).collect();
            let mut state = seed;
            for k in (1..8).rev() {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                order.swap(k, state as usize % (k + 1));
            }
            let edge = |a: usize, b: usize| edges >> (8 * a.min(b) + a.max(b)) & 1 == 1;
            let flagged: VariableSet = (0..8).filter(|k| flags >> k & 1 == 1).collect();
            let moved = |s: &VariableSet| -> VariableSet { s.iter().map(|v| order[v]).collect() };
            let inverse = |v: usize| order.iter().position(|o| *o == v).unwrap();
            let poll = confirm(&flagged, 8, edge);
            let permuted = confirm(&moved(&flagged), 8, |a, b| edge(inverse(a), inverse(b)));
            prop_assert_eq!(permuted.confirmed, moved(&poll.confirmed));
            prop_assert_eq!(permuted.agreeing, moved(&poll.agreeing));
            prop_assert_eq!(permuted.local, moved(&poll.local));
            prop_assert_eq!(permuted.outvoted, moved(&poll.outvoted));
            let mut union = poll.confirmed;
            union.extend(&poll.local);
            union.extend(&poll.outvoted);
            prop_assert_eq!(union, flagged);
        }
    }
}
