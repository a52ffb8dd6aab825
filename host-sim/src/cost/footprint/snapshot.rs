//! The largest snapshot of a detector, from the constants of its types.

use super::Of;
use bellwether::quartet::Shape;
use bellwether::{Snapshot, fitting_of, sentinel_of};

const ONE: Shape = Shape::tiny(1);
const TWO: Shape = Shape::tiny(2);

/// Bytes; `None` of a detector whose constants are not known here.
pub(super) fn largest(of: &Of<'_>, state: usize) -> Option<usize> {
    let variables = of.variables;
    match of.entry.name {
        "sentinel" => Some(fitting(of)? + lookout(variables)),
        "quartet" => fitting(of),
        "sigma" | "mahalanobis" | "consensus" | "golden" => Some(state + 64),
        "limits" | "cusum" | "page-hinkley" | "gaussian" | "window" | "profile" => {
            Some(state + 64 + 16 * variables)
        }
        "rola" => Some(state + 16 * variables + 128),
        "repad2" => Some(state + 128 * variables),
        _ => None,
    }
}

/// A quartet that fits itself.
fn fitting(of: &Of<'_>) -> Option<usize> {
    let variables = u16::try_from(of.variables).ok()?;
    let shape = match of.preset {
        "default" => Shape::new(variables),
        "small" => Shape::small(variables),
        _ => Shape::tiny(variables),
    };
    let parts = |shape: Shape| {
        let quartet = 4 * shape.floats() + shape.bytes() + 5 * shape.distances();
        quartet + 41 * usize::from(shape.variables) + 4 * shape.work() + 6 * shape.neighbours()
    };
    Some(<fitting_of!(ONE)>::SNAPSHOT_MAX - parts(ONE) + parts(shape))
}

/// Alarm, health, shares and kinds.
fn lookout(variables: usize) -> usize {
    const FIRST: usize = <sentinel_of!(ONE)>::SNAPSHOT_MAX - <fitting_of!(ONE)>::SNAPSHOT_MAX;
    const SECOND: usize = <sentinel_of!(TWO)>::SNAPSHOT_MAX - <fitting_of!(TWO)>::SNAPSHOT_MAX;
    FIRST + (variables - 1) * (SECOND - FIRST)
}
