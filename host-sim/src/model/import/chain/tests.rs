//! Each fold against the operators applied one after another.

use super::*;

fn dense(inputs: usize, outputs: usize) -> FloatDense {
    // Numbers without a pattern that a wrong order would keep.
    let weight = |k: usize| ((k * k * 7 + k * 3 + 1) % 17) as f32 / 8.0 - 1.0;
    FloatDense {
        inputs,
        outputs,
        weights: (0..inputs * outputs).map(weight).collect(),
        biases: (0..outputs).map(|k| weight(k + 5)).collect(),
        function: Function::Linear,
    }
}

fn whole(shape: &[usize]) -> View {
    View::whole(shape, WIDEST).unwrap()
}

fn run(layer: FloatDense, x: &[f32]) -> Vec<f32> {
    FloatNet {
        inputs: x.len(),
        layers: vec![FloatLayer::Dense(layer)],
    }
    .forward(x)
}

fn scaled(x: &[f32], scale: &[f64], shift: &[f64]) -> Vec<f32> {
    let each = x.iter().zip(scale.iter().zip(shift));
    each.map(|(x, (s, t))| (f64::from(*x) * s + t) as f32)
        .collect()
}

fn close(ours: &[f32], wanted: &[f32]) {
    assert_eq!(ours.len(), wanted.len());
    for (a, b) in ours.iter().zip(wanted) {
        assert!((a - b).abs() < 1e-5, "{ours:?} {wanted:?}");
    }
}

const X: [f32; 4] = [0.5, -1.0, 2.0, 0.25];
const SCALE: [f64; 4] = [2.0, -0.5, 1.5, 3.0];
const SHIFT: [f64; 4] = [0.25, 1.0, -2.0, 0.5];

/// Broken if the bias of the layer before is not scaled.
#[test]
fn a_factor_behind_sums_goes_into_them_bias_included() {
    let mut chain = Chain::new(4).unwrap();
    let view = chain.dense(&whole(&[4]), dense(4, 4)).unwrap();
    let view = chain.affine(&view, &SCALE, &SHIFT).unwrap();
    let net = chain.finish(&view, false).unwrap();
    assert_eq!(net.layers.len(), 1);
    close(
        &net.forward(&X),
        &scaled(&run(dense(4, 4), &X), &SCALE, &SHIFT),
    );
}

/// Broken if a factor slips past the function in between.
#[test]
fn a_factor_behind_a_function_goes_into_the_layer_behind() {
    let mut chain = Chain::new(4).unwrap();
    let view = chain.dense(&whole(&[4]), dense(4, 4)).unwrap();
    chain.function(Function::Tanh).unwrap();
    let view = chain.affine(&view, &SCALE, &SHIFT).unwrap();
    let view = chain.dense(&view, dense(4, 3)).unwrap();
    let net = chain.finish(&view, false).unwrap();
    assert_eq!(net.layers.len(), 2);
    let mut first = dense(4, 4);
    first.function = Function::Tanh;
    let between = scaled(&run(first, &X), &SCALE, &SHIFT);
    close(&net.forward(&X), &run(dense(4, 3), &between));
}

#[test]
fn a_factor_that_nobody_takes_becomes_a_layer() {
    let mut chain = Chain::new(4).unwrap();
    let view = chain.affine(&whole(&[4]), &SCALE, &SHIFT).unwrap();
    let net = chain.finish(&view, false).unwrap();
    close(&net.forward(&X), &scaled(&X, &SCALE, &SHIFT));
    // Numbers that repeat take a small one: two channels of two frames.
    let mut chain = Chain::new(4).unwrap();
    let (scale, shift) = ([2.0, 3.0, 2.0, 3.0], [0.0, 1.0, 0.0, 1.0]);
    let view = chain.affine(&whole(&[4]), &scale, &shift).unwrap();
    let net = chain.finish(&view, false).unwrap();
    let FloatLayer::Conv1d(layer) = &net.layers[0] else {
        panic!("{net:?}")
    };
    assert_eq!((layer.frames, layer.weights.len()), (2, 4));
    close(&net.forward(&X), &scaled(&X, &scale, &shift));
}

fn convolution(padding: Padding) -> FloatLayer {
    let kernel = Kernel {
        filters: 1,
        kernel: 2,
        channels: 2,
        weights: vec![1.0, -2.0, 0.5, 3.0],
        biases: vec![0.25],
    };
    kernel.over(2, 1, padding).unwrap()
}

/// Broken if what is added goes into a convolution's bias although it sees zeros at its ends.
#[test]
fn zeros_around_a_convolution_stay_zeros() {
    for (padding, layers) in [
        (Padding::NONE, 1),
        (
            Padding {
                before: 1,
                after: 0,
            },
            2,
        ),
    ] {
        let mut chain = Chain::new(4).unwrap();
        let (scale, shift) = ([2.0, 3.0, 2.0, 3.0], [0.5, 1.0, 0.5, 1.0]);
        let view = chain.affine(&whole(&[2, 2]), &scale, &shift).unwrap();
        let view = chain.frames(&view, convolution(padding)).unwrap();
        let net = chain.finish(&view, false).unwrap();
        assert_eq!(net.layers.len(), layers);
        let alone = FloatNet {
            inputs: 4,
            layers: vec![convolution(padding)],
        };
        close(
            &net.forward(&X),
            &alone.forward(&scaled(&X, &scale, &shift)),
        );
    }
}

#[test]
fn what_is_moved_is_followed_into_weights_on_either_side() {
    let turned = whole(&[2, 2]).transposed(None).unwrap();
    let moved = |x: &[f32]| [0, 2, 1, 3].map(|k| x[k]);
    // Into the layer behind.
    let mut chain = Chain::new(4).unwrap();
    let view = chain.dense(&turned, dense(4, 3)).unwrap();
    let net = chain.finish(&view, false).unwrap();
    close(&net.forward(&X), &run(dense(4, 3), &moved(&X)));
    // Into the layer before.
    let mut chain = Chain::new(4).unwrap();
    let view = chain.dense(&whole(&[4]), dense(4, 4)).unwrap();
    let view = view.shaped(&[2, 2]).unwrap().transposed(None).unwrap();
    let net = chain.finish(&view, false).unwrap();
    assert_eq!(net.layers.len(), 1);
    close(&net.forward(&X), &moved(&run(dense(4, 4), &X)));
}

/// Channels x frames at both ends: the library has frames x channels at both.
#[test]
fn outputs_follow_the_order_of_the_inputs() {
    let mut chain = Chain::new(4).unwrap();
    let turned = whole(&[2, 2]).transposed(None).unwrap();
    let one = Kernel {
        filters: 2,
        kernel: 1,
        channels: 2,
        weights: vec![1.0, 0.0, 0.0, 10.0],
        biases: vec![0.0; 2],
    };
    let layer = one.over(2, 1, Padding::NONE).unwrap();
    let view = chain.frames(&turned, layer).unwrap();
    assert_eq!(chain.window(), Some(2));
    let net = chain.finish(&view.transposed(None).unwrap(), true).unwrap();
    assert_eq!(net.layers.len(), 1);
    close(&net.forward(&X), &[0.5, -10.0, 2.0, 2.5]);
}

#[test]
fn one_clamp_behind_another_is_a_clamp() {
    use Function::{Clamp, LeakyRelu, Linear, Relu, Tanh};
    for (first, second, both) in [
        (Linear, Tanh, Some(Tanh)),
        (Tanh, Linear, Some(Tanh)),
        (Relu, Relu, Some(Relu)),
        (Relu, Clamp(-1.0, 6.0), Some(Clamp(0.0, 6.0))),
        (Clamp(-1.0, 6.0), Relu, Some(Clamp(0.0, 6.0))),
        (Clamp(-3.0, -2.0), Clamp(1.0, 2.0), Some(Clamp(1.0, 1.0))),
        (Relu, Tanh, None),
        (LeakyRelu(0.1), Relu, None),
    ] {
        assert_eq!(then(first, second), both, "{first:?} {second:?}");
        for x in [-9.0, -2.5, -0.5, 0.5, 1.5, 9.0] {
            let wanted = second.apply(first.apply(x));
            assert!(both.is_none_or(|both| both.apply(x) == wanted));
        }
    }
}

/// A function that no layer can take is a layer; the result is the same.
#[test]
fn a_function_behind_a_function_is_a_layer_of_one_weight() {
    let mut chain = Chain::new(4).unwrap();
    let view = chain.dense(&whole(&[4]), dense(4, 4)).unwrap();
    chain.function(Function::Tanh).unwrap();
    chain.function(Function::Relu).unwrap();
    let net = chain.finish(&view, false).unwrap();
    let mut first = dense(4, 4);
    first.function = Function::Tanh;
    let wanted: Vec<f32> = run(first, &X).into_iter().map(|x| x.max(0.0)).collect();
    assert_eq!(net.forward(&X), wanted);
}

#[test]
fn what_is_no_network_is_refused() {
    assert!(Chain::new(0).is_err());
    assert!(Chain::new(WIDEST + 1).is_err());
    let chain = Chain::new(4).unwrap();
    let error = chain.finish(&whole(&[4]), false).unwrap_err();
    assert_eq!(error.to_string(), "no layers");
    let mut chain = Chain::new(4).unwrap();
    let error = chain.dense(&whole(&[4]), dense(5, 2)).unwrap_err();
    assert!(error.to_string().contains("takes 5 values"), "{error}");
    let mut cut = dense(4, 2);
    cut.weights.truncate(7);
    let error = chain.dense(&whole(&[4]), cut).unwrap_err();
    assert!(error.to_string().contains("7 weights"), "{error}");
    let mut huge = dense(4, 2);
    huge.weights[0] = f32::MAX;
    let view = chain.dense(&whole(&[4]), huge).unwrap();
    let error = chain
        .affine(&view, &[2.0, 1.0], &[0.0, 0.0])
        .and_then(|view| chain.finish(&view, false).map(|_| ()))
        .unwrap_err();
    assert!(error.to_string().contains("not finite"), "{error}");
}
