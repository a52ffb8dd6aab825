//! The largest error of each variable.

use bellwether::autoencoder::Contribution;

/// For every variable the contribution with the largest absolute error, of equal ones the newest.
pub(super) fn by_variable(contributions: impl Iterator<Item = Contribution>) -> Vec<Contribution> {
    let mut parts: Vec<Contribution> = Vec::new();
    for new in contributions {
        match parts.iter_mut().find(|part| part.feature == new.feature) {
            Some(part) if new.error.abs() >= part.error.abs() => *part = new,
            Some(_) => {}
            None => parts.push(new),
        }
    }
    parts.sort_by_key(|part| part.feature);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(feature: usize, frame: usize, error: f32) -> Contribution {
        Contribution {
            feature,
            frame,
            error,
            ..Contribution::default()
        }
    }

    #[test]
    fn a_variable_counts_once_with_its_largest_error() {
        let all = [
            part(1, 0, 4.0),
            part(0, 1, -2.0),
            part(1, 1, -3.0),
            part(0, 2, 2.0),
        ];
        let wanted = [part(0, 2, 2.0), part(1, 0, 4.0)];
        assert_eq!(by_variable(all.into_iter()), wanted);
    }
}
