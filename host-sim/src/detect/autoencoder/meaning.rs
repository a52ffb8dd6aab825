//! The meaning of a model's contributions, by head.

use crate::detect::watch::Meaning;
use bellwether::model::Head;

/// The meaning of contributions to scores of a head.
pub(super) const fn of(head: Head) -> Meaning {
    let (title, about, adds) = match head {
        Head::Likelihood => (
            "Errors",
            "What the model could not reconstruct of each variable, those with the largest errors \
             first: value minus reconstruction without its sign, in standard deviations that the \
             model expected. Where it is not certain there is no value.",
            false,
        ),
        Head::Distance | Head::Logit => (
            "What variables add",
            "Of each anomalous row the three variables that add most to its score: how much it \
             changes with the variable at its training mean, without its sign.",
            true,
        ),
        _ => (
            "Errors",
            "What the model could not reconstruct of each variable, those with the largest errors \
             first: value minus reconstruction without its sign, in the model’s scaled units.",
            false,
        ),
    };
    Meaning { title, about, adds }
}
