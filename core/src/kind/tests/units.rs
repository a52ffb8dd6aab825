//! Units do not matter.

use super::{LEARN, SCALES, START};
use crate::alarm::{self, Rules};
use crate::assessment::{Assessment, State};
use crate::kind::{Finding, Scales};
use crate::sample::{Cause, Reading};
use crate::sentinel::{BUCKETS, Lookout, Scored};
use proptest::prelude::*;
use std::vec::Vec;

/// The findings of a walk whose alarm begins at [`START`], in units `unit` times as small.
fn findings(steps: &[(f32, bool)], unit: f32) -> Vec<Option<Finding>> {
    let rules = Rules::<BUCKETS>::new(alarm::Settings::DEFAULT).expect("rules");
    let mut lookout = Lookout::<1, 1>::new();
    let mut all = Vec::new();
    let (mean, inverse) = ([0.0], [SCALES.inv_deviation[0] / unit]);
    let usual = [SCALES.inv_difference[0] / unit];
    for t in 0..START + steps.len() as u32 {
        let at = t.checked_sub(START).map(|t| steps[t as usize]);
        let x = at.map_or((t % 7) as f32 / 4.0 - 0.75, |(x, _)| x);
        let frame = if at.is_some_and(|(_, is_there)| !is_there) {
            [Reading::Absent(Cause::Missing)]
        } else {
            [Reading::Value(x * unit)]
        };
        let row = Scored {
            frame: &frame,
            passed: 0,
            answer: Assessment::bare(if t < LEARN {
                State::Warming { left: LEARN - t }
            } else {
                State::Normal
            }),
            score: Some(if at.is_some() { 5.0 } else { 0.1 }),
            parts: &[1.0],
            scales: Scales {
                mean: &mean,
                inv_deviation: &inverse,
                inv_difference: &usual,
            },
            rows: LEARN,
        };
        lookout.take(&rules, &row);
        all.push(lookout.finding());
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Broken by a limit in the variable's own unit.
    #[test]
    fn a_finding_does_not_depend_on_the_unit(
        steps in prop::collection::vec((-40.0_f32..40.0, prop::bool::weighted(0.8)), 12..20),
        power in -12_i32..12,
    ) {
        let found = findings(&steps, 1.0);
        prop_assert!(found.iter().skip(START as usize).all(Option::is_some));
        prop_assert_eq!(findings(&steps, 2.0_f32.powi(power)), found);
    }
}
