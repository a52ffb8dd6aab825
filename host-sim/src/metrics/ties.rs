//! Scores without ties, for metrics that favour them.

use crate::random::Random;

/// Where the order of equal scores comes from: the same scores give the same order.
const SEED: u64 = 20_240_817;

/// The same order of scores, equal ones in an order drawn by chance: each is raised by less than
/// half of the way to the next larger score.
///
/// [`pate`](super::pate) spaces its thresholds among the distinct scores, so that few of them
/// leave few points of its curve, and the area between these is a straight line's: a score that is
/// the same for all rows has about 0.5, and noise rounded to two levels 0.3, where noise has the
/// share of anomalous rows. Without ties each scores the same as noise. Time O(n log n).
pub fn untied(scores: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let mut random = Random::new(SEED);
    let mut untied = scores.to_vec();
    let mut rest = order.as_slice();
    while let Some(&first) = rest.first() {
        let score = scores[first];
        let count = rest.iter().take_while(|row| scores[**row] == score).count();
        let (equal, larger) = rest.split_at(count);
        let gap = larger.first().map_or(1.0, |next| scores[*next] - score);
        if count > 1 {
            for row in equal {
                untied[*row] = score + 0.5 * gap * random.unit();
            }
        }
        rest = larger;
    }
    untied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::pate;

    #[test]
    fn the_order_stays_and_ties_go() {
        let untied = untied(&[2.0, 1.0, 2.0, -3.0, 1.0]);
        assert_eq!(untied[3], -3.0);
        let (ones, twos) = ([untied[1], untied[4]], [untied[0], untied[2]]);
        assert!(ones[0] != ones[1] && ones.iter().all(|x| (1.0..1.5).contains(x)));
        assert!(twos[0] != twos[1] && twos.iter().all(|x| (2.0..2.5).contains(x)));
        assert_eq!(self::untied(&[]), Vec::<f64>::new());
    }

    /// The purpose of the metric: a constant score is worth as much as noise, not half.
    #[test]
    fn a_constant_is_worth_what_noise_is_worth() {
        let labels: Vec<bool> = (0..5_000)
            .map(|row| (3_000..3_050).contains(&row))
            .collect();
        let constant = vec![7.0; labels.len()];
        assert!(pate(&constant, &labels, 50, 50).unwrap() > 0.45);
        assert!(pate(&untied(&constant), &labels, 50, 50).unwrap() < 0.05);
    }
}
