//! Hidden values of dense layers, each in a unit of its own: weights of 8 bits lose least if every
//! column has one that is as large as its row allows (cross-layer equalisation: Nagel et al. 2019).
//!
//! Halving a value changes nothing if its weights in the next layer are doubled, because the
//! function of its sum is linear or ReLU. So a value is halved as often as all of its weights can
//! be doubled without one exceeding the largest of its row: steps of weights stay the same, and
//! their factors get smaller. Halving is exact, so that the network stays the same to the bit.

use super::Ranges;
use crate::model::float::{FloatDense, FloatLayer, FloatNet, Function};

/// Largest number of halvings of a value: 16 bits reach so far.
const MOST: i32 = 10;

/// Halves the hidden values of layers with at most `widest` outputs, and their ranges. Only for
/// weights with a scale per output: with one scale for all, rows that shrink would lose.
pub(super) fn balance(net: &mut FloatNet, ranges: &mut Ranges, widest: usize) {
    for k in 1..net.layers.len() {
        let (before, after) = net.layers.split_at_mut(k);
        let (Some(FloatLayer::Dense(layer)), Some(FloatLayer::Dense(next))) =
            (before.last_mut(), after.first_mut())
        else {
            continue;
        };
        let homogeneous = matches!(layer.function, Function::Linear | Function::Relu);
        if homogeneous && layer.outputs <= widest {
            let factors = factors(next);
            scale(layer, next, &factors);
            ranges.scale(k - 1, &factors);
        }
    }
}

/// The factor of each input of a layer: powers of two, at most 1.
fn factors(layer: &FloatDense) -> Vec<f32> {
    let mut shares = vec![0.0_f32; layer.inputs];
    for row in layer.weights.chunks(layer.inputs.max(1)) {
        let most = row.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
        if most > 0.0 {
            for (share, weight) in shares.iter_mut().zip(row) {
                *share = share.max(weight.abs() / most);
            }
        }
    }
    let power = |share: &f32| (share.log2().ceil() as i32).clamp(-MOST, 0);
    shares
        .iter()
        .map(|share| 2.0_f32.powi(power(share)))
        .collect()
}

fn scale(layer: &mut FloatDense, next: &mut FloatDense, factors: &[f32]) {
    let rows = layer.weights.chunks_mut(layer.inputs.max(1));
    for ((row, bias), factor) in rows.zip(&mut layer.biases).zip(factors) {
        row.iter_mut().for_each(|weight| *weight *= factor);
        *bias *= factor;
    }
    for row in next.weights.chunks_mut(next.inputs.max(1)) {
        for (weight, factor) in row.iter_mut().zip(factors) {
            *weight /= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Hidden values whose weights behind them differ by up to 2^3.
    fn net(random: &mut Random, hidden: usize) -> FloatNet {
        let mut layer = |inputs: usize, outputs: usize, function| {
            let mut weight = |_| random.noise() as f32;
            FloatLayer::Dense(FloatDense {
                inputs,
                outputs,
                weights: (0..inputs * outputs).map(&mut weight).collect(),
                biases: (0..outputs).map(&mut weight).collect(),
                function,
            })
        };
        let first = layer(5, hidden, Function::Relu);
        let mut last = layer(hidden, 5, Function::Linear);
        if let FloatLayer::Dense(last) = &mut last {
            for (k, weight) in last.weights.iter_mut().enumerate() {
                *weight /= [1.0, 2.0, 4.0, 8.0][k % hidden % 4];
            }
        }
        FloatNet {
            inputs: 5,
            layers: vec![first, last],
        }
    }

    /// By hand: the second value's weights are at most a quarter of their rows' largest.
    #[test]
    fn a_value_is_halved_as_often_as_its_weights_can_be_doubled() {
        let dense = |inputs, outputs, weights: &[f32], function| {
            FloatLayer::Dense(FloatDense {
                inputs,
                outputs,
                weights: weights.to_vec(),
                biases: vec![1.0; outputs],
                function,
            })
        };
        let first = dense(1, 3, &[1.0, 3.0, 3.0], Function::Relu);
        let next = dense(3, 2, &[1.0, -0.25, 0.0, -0.5, 0.1, 0.0], Function::Linear);
        let mut net = FloatNet {
            inputs: 1,
            layers: vec![first, next],
        };
        let mut ranges = Ranges::observe(&net, [[2.0_f32]].iter().map(|row| &row[..]));
        assert_eq!(ranges.of(0).outputs.high, 7.0);
        balance(&mut net, &mut ranges, 3);
        let [FloatLayer::Dense(first), FloatLayer::Dense(next)] = &net.layers[..] else {
            unreachable!("both are dense");
        };
        let least = 2.0_f32.powi(-MOST);
        assert_eq!(first.weights, [1.0, 0.75, 3.0 * least]);
        assert_eq!(first.biases, [1.0, 0.25, least]);
        assert_eq!(next.weights, [1.0, -1.0, 0.0, -0.5, 0.4, 0.0]);
        // The second and third reached 7 and are smaller now; the first reaches 3.
        assert_eq!(ranges.of(0).outputs.high, 3.0);
    }

    /// Broken by a factor that is no power of two, or that only one of the layers gets.
    #[test]
    fn the_network_stays_the_same_to_the_bit() {
        let mut random = Random::new(3);
        for hidden in [1, 7, 40] {
            let before = net(&mut random, hidden);
            let mut after = before.clone();
            balance(&mut after, &mut Ranges::default(), 64);
            assert!(hidden == 1 || after != before);
            for _ in 0..50 {
                let row: Vec<f32> = (0..5).map(|_| random.noise() as f32).collect();
                assert_eq!(after.forward(&row), before.forward(&row));
            }
        }
    }

    #[test]
    fn wide_layers_and_other_functions_are_left_alone() {
        let mut random = Random::new(4);
        let mut other = net(&mut random, 7);
        if let FloatLayer::Dense(layer) = &mut other.layers[0] {
            layer.function = Function::Clamp(0.0, 6.0);
        }
        for before in [net(&mut random, 9), other] {
            let mut after = before.clone();
            balance(&mut after, &mut Ranges::default(), 8);
            assert_eq!(after, before);
        }
    }
}
