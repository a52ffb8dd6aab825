//! The numbers that a network gives once it is read.

use super::*;
use crate::model::float::Function;

/// Outputs of a network that is read, for one input.
fn outputs(model: &Model, x: &[f32]) -> Vec<f32> {
    read(&model.encode_to_vec()).unwrap().net.forward(x)
}

fn close(found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len());
    for (a, b) in found.iter().zip(wanted) {
        assert!((a - b).abs() < 1e-5, "{found:?}\nwanted: {wanted:?}");
    }
}

const X: [f32; 4] = [0.5, -1.25, 2.0, -0.75];

/// The output of `Gemm` and then these nodes from `h` to `y`.
fn behind_gemm(nodes: Vec<Node>) -> Vec<f32> {
    let mut all = vec![node("Gemm", &["x", "w", "b"], "h")];
    all.extend(nodes);
    outputs(&model(&[1, 4], all), &X)
}

/// Broken by an operator that is mapped to another function.
#[test]
fn functions_of_one_input_are_applied_to_sums() {
    let sums = outputs(
        &model(&[1, 4], vec![node("Gemm", &["x", "w", "b"], "y")]),
        &X,
    );
    let by = |function: Function| -> Vec<f32> {
        sums.iter()
            .map(|x| function.apply(f64::from(*x)) as f32)
            .collect()
    };
    for (op, function) in [
        ("Elu", Function::Elu(1.0)),
        ("Selu", Function::Selu),
        ("Gelu", Function::Gelu),
        ("HardSwish", Function::HardSwish),
        ("HardSigmoid", Function::HardSigmoid(0.2, 0.5)),
        ("Softplus", Function::Softplus),
        ("Softsign", Function::Softsign),
        ("Mish", Function::Mish),
        ("Abs", Function::Abs),
        ("Exp", Function::Exp),
    ] {
        close(&behind_gemm(vec![node(op, &["h"], "y")]), &by(function));
    }
    let silu = vec![node("Sigmoid", &["h"], "s"), node("Mul", &["h", "s"], "y")];
    close(&behind_gemm(silu), &by(Function::Silu));
    let other = vec![node("Sigmoid", &["h"], "s"), node("Mul", &["s", "h"], "y")];
    close(&behind_gemm(other), &by(Function::Silu));
    let clipped = |op: &str, low, high| {
        let mut model = model(
            &[1, 4],
            vec![
                node("Gemm", &["x", "w", "b"], "h"),
                node(op, &["h", "limit"], "y"),
            ],
        );
        let mut limit = constant("limit", &[1]);
        limit.floats = vec![0.25];
        model.graph.as_mut().unwrap().initializers.push(limit);
        close(&outputs(&model, &X), &by(Function::Clamp(low, high)));
    };
    clipped("Min", f32::MIN, 0.25);
    clipped("Max", 0.25, f32::MAX);
    let negative: Vec<f32> = sums.iter().map(|x| -x).collect();
    close(&behind_gemm(vec![node("Neg", &["h"], "y")]), &negative);
}

/// `b` counts -1/2, -3/8, -1/4: a slope for each output; a scalar is one for all.
#[test]
fn prelu_has_a_slope_for_each_value() {
    let sums = behind_gemm(vec![node("Identity", &["h"], "y")]);
    let slopes = [-0.5_f32, -0.375, -0.25];
    let by = sums
        .iter()
        .zip(slopes)
        .map(|(x, s)| if *x > 0.0 { *x } else { s * x });
    let wanted: Vec<f32> = by.collect();
    close(&behind_gemm(vec![node("PRelu", &["h", "b"], "y")]), &wanted);
}

/// Offsets -1/2, -3/8, -1/4, -1/8, and factors of 2.
#[test]
fn a_scaler_in_front_is_folded() {
    let mut scaler = node("Scaler", &["x"], "s");
    scaler.domain = "ai.onnx.ml".to_owned();
    let scaler = with(scaler, "offset", |a| {
        a.floats = vec![-0.5, -0.375, -0.25, -0.125];
    });
    let scaler = with(scaler, "scale", |a| a.floats = vec![2.0]);
    let gemm = |from: &str| node("Gemm", &[from, "w", "b"], "y");
    let scaled = outputs(&model(&[1, 4], vec![scaler, gemm("s")]), &X);
    let by_hand = [2.0, -1.75, 4.5, -1.25];
    close(
        &scaled,
        &outputs(&model(&[1, 4], vec![gemm("x")]), &by_hand),
    );
}

/// Broken by padding that is lost, or put elsewhere.
#[test]
fn a_pad_before_a_convolution_is_its_own() {
    let pad = with(node("Pad", &["x"], "p"), "pads", |a| {
        a.ints = vec![0, 0, 2, 0, 0, 1];
    });
    let padded = vec![pad, node("Conv", &["p", "filter"], "y")];
    let own = with(node("Conv", &["x", "filter"], "y"), "pads", |a| {
        a.ints = vec![2, 1];
    });
    let wanted = outputs(&model(&[1, 1, 4], vec![own]), &X);
    close(&outputs(&model(&[1, 1, 4], padded.clone()), &X), &wanted);
    let mut elsewhere = padded;
    elsewhere[1] = node("Relu", &["p"], "y");
    assert!(refused(&model(&[1, 1, 4], elsewhere)).contains("before Conv only"));
}

fn bytes(name: &str, shape: &[i64], kind: i32, numbers: &[i32]) -> Tensor {
    Tensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        kind,
        ints: numbers.to_vec(),
        ..Tensor::default()
    }
}

fn number(name: &str, value: f32) -> Tensor {
    Tensor {
        floats: vec![value],
        ..constant(name, &[])
    }
}

/// Weights 8·w are whole numbers: at a scale of 1/8 the integers stand for `w` itself. The limits of the
/// outputs' grid, 0 to 255/8, are a ReLU that the quantiser of onnxruntime leaves out.
#[test]
fn quantised_networks_are_the_networks_of_their_weights() {
    let whole: Vec<i32> = (0..12).map(|k| k - 4 + 1).collect();
    let constants = [
        bytes("wq", &[4, 3], 3, &whole),
        bytes("one", &[], 3, &[1]),
        number("eighth", 0.125),
        bytes("zero", &[], 2, &[0]),
        bytes("bq", &[3], 6, &[-4, -3, -2]),
        number("unit", 1.0),
    ];
    let quantised = |nodes: Vec<Node>| {
        let mut model = model(&[1, 4], nodes);
        model
            .graph
            .as_mut()
            .unwrap()
            .initializers
            .extend(constants.clone());
        outputs(&model, &X)
    };
    let gemm = outputs(
        &model(&[1, 4], vec![node("Gemm", &["x", "w", "b"], "y")]),
        &X,
    );
    let relu: Vec<f32> = gemm.iter().map(|x| x.max(0.0)).collect();
    assert_ne!(gemm, relu);
    let qdq = quantised(vec![
        node("QuantizeLinear", &["x", "unit", "zero"], "xq"),
        node("DequantizeLinear", &["xq", "unit", "zero"], "xd"),
        node("DequantizeLinear", &["wq", "eighth", "one"], "wd"),
        node("Gemm", &["xd", "wd", "b"], "h"),
        node("QuantizeLinear", &["h", "eighth", "zero"], "hq"),
        node("DequantizeLinear", &["hq", "eighth", "zero"], "y"),
    ]);
    close(&qdq, &relu);
    let mut operator = node(
        "QGemm",
        &[
            "xq", "unit", "zero", "wq", "eighth", "one", "bq", "eighth", "zero",
        ],
        "hq",
    );
    operator.domain = "com.microsoft".to_owned();
    let operators = quantised(vec![
        node("QuantizeLinear", &["x", "unit", "zero"], "xq"),
        operator,
        node("DequantizeLinear", &["hq", "eighth", "zero"], "y"),
    ]);
    close(&operators, &relu);
    let mut dynamic = node("DynamicQuantizeLinear", &["x"], "xq");
    dynamic.outputs.extend(["xs", "xz"].map(str::to_owned));
    let dynamic = quantised(vec![
        dynamic,
        node("Mul", &["xs", "eighth"], "scale"),
        node("MatMulInteger", &["xq", "wq", "xz", "one"], "sums"),
        int(node("Cast", &["sums"], "real"), "to", 1),
        node("Mul", &["real", "scale"], "scaled"),
        node("Add", &["scaled", "b"], "y"),
    ]);
    close(&dynamic, &gemm);
}

#[test]
fn nodes_in_any_order_and_a_fixed_batch_are_read() {
    let mut turned = dense();
    turned.graph.as_mut().unwrap().nodes.reverse();
    close(&outputs(&turned, &X), &outputs(&dense(), &X));
    let fixed = model(&[32, 4], dense().graph.unwrap().nodes);
    let bytes = fixed.encode_to_vec();
    let one = read(&bytes).unwrap();
    assert_eq!((one.batch, one.window, one.net.inputs), (Some(32), None, 4));
    let window = read_as(&bytes, None, Some(32)).unwrap();
    assert_eq!(
        (window.batch, window.window, window.net.inputs),
        (None, Some(32), 128)
    );
}

/// The weights of `dense` in a file beside it.
#[test]
fn weights_are_read_from_a_file_beside() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = dense();
    let weights = &mut model.graph.as_mut().unwrap().initializers[0];
    let bytes: Vec<u8> = weights
        .floats
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    std::fs::write(folder.path().join("net.onnx.data"), bytes).unwrap();
    weights.floats.clear();
    weights.location = 1;
    weights.external = vec![proto::Entry {
        key: "location".to_owned(),
        value: "net.onnx.data".to_owned(),
    }];
    let read = read_as(&model.encode_to_vec(), Some(folder.path()), None).unwrap();
    close(&read.net.forward(&X), &outputs(&dense(), &X));
}

/// Two channels of two frames, a filter of two taps for each channel by itself.
#[test]
fn a_depthwise_convolution_keeps_channels_apart() {
    let conv = int(node("Conv", &["x", "filter"], "y"), "group", 2);
    // Taps -1/2, -3/8 and -1/4, -1/8; frames come one after another.
    let wanted = [-0.5 * X[0] - 0.375 * X[2], -0.25 * X[1] - 0.125 * X[3]];
    close(&outputs(&model(&[1, 2, 2], vec![conv]), &X), &wanted);
}

/// By hand: taps -1/2, -3/8 of the only input channel's first filter, stride 2, so that they never meet. Frames
/// come one after another, with a value of each filter.
#[test]
fn a_transposed_convolution_spreads_its_frames() {
    let mut model = model(
        &[1, 1, 2],
        vec![with(
            node("ConvTranspose", &["x", "taps"], "y"),
            "strides",
            |a| a.ints = vec![2],
        )],
    );
    model
        .graph
        .as_mut()
        .unwrap()
        .initializers
        .push(constant("taps", &[1, 2, 2]));
    let (a, b) = (0.5, -1.25);
    let filters = [
        [-0.5 * a, -0.375 * a, -0.5 * b, -0.375 * b],
        [-0.25 * a, -0.125 * a, -0.25 * b, -0.125 * b],
    ];
    let frames = (0..4).flat_map(|frame| filters.map(|filter: [f32; 4]| filter[frame]));
    close(&outputs(&model, &[a, b]), &frames.collect::<Vec<f32>>());
}
