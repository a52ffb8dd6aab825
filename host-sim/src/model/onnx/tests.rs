//! Refused files with their reasons, and arbitrary bytes.

mod values;

use super::proto::{
    Attribute, Dimension, Graph, Model, Node, Shape, Tensor, TensorType, Type, Value,
};
use super::*;
use crate::model::float::FloatLayer;

fn value(name: &str, sizes: &[i64]) -> Value {
    let dimension = |size: &i64| Dimension {
        size: (*size).max(0),
        name: if *size > 0 { "" } else { "open" }.to_owned(),
    };
    let shape = Shape {
        dimensions: sizes.iter().map(dimension).collect(),
    };
    Value {
        name: name.to_owned(),
        kind: Some(Type {
            tensor: Some(TensorType {
                kind: 1,
                shape: Some(shape),
            }),
        }),
    }
}

fn constant(name: &str, shape: &[i64]) -> Tensor {
    let count: i64 = shape.iter().product();
    Tensor {
        name: name.to_owned(),
        shape: shape.to_vec(),
        kind: 1,
        floats: (0..count).map(|k| k as f32 / 8.0 - 0.5).collect(),
        ..Tensor::default()
    }
}

fn node(op: &str, inputs: &[&str], output: &str) -> Node {
    Node {
        op: op.to_owned(),
        inputs: inputs.iter().map(|&name| name.to_owned()).collect(),
        outputs: vec![output.to_owned()],
        ..Node::default()
    }
}

fn with(mut node: Node, name: &str, edit: impl Fn(&mut Attribute)) -> Node {
    let mut attribute = Attribute {
        name: name.to_owned(),
        ..Attribute::default()
    };
    edit(&mut attribute);
    node.attributes.push(attribute);
    node
}

fn int(node: Node, name: &str, value: i64) -> Node {
    with(node, name, |a| a.int = value)
}

/// `x` with four values through the nodes to `y`; constants of every shape that is needed.
fn model(input: &[i64], nodes: Vec<Node>) -> Model {
    Model {
        graph: Some(Graph {
            nodes,
            initializers: vec![
                constant("w", &[4, 3]),
                constant("b", &[3]),
                constant("back", &[3, 4]),
                constant("four", &[4]),
                constant("wide", &[2, 4]),
                constant("lstm_w", &[1, 8, 2]),
                constant("lstm_r", &[1, 8, 2]),
                constant("gru_w", &[1, 6, 2]),
                constant("gru_r", &[1, 6, 2]),
                constant("state", &[1, 1, 2]),
                constant("filter", &[2, 1, 2]),
            ],
            inputs: vec![value("x", input)],
            outputs: vec![value("y", &[])],
            sparse_initializers: vec![],
        }),
    }
}

fn dense() -> Model {
    model(
        &[-1, 4],
        vec![
            node("Gemm", &["x", "w", "b"], "h"),
            node("Relu", &["h"], "r"),
            node("MatMul", &["r", "back"], "y"),
        ],
    )
}

fn refused(model: &Model) -> String {
    format!("{:#}", read(&model.encode_to_vec()).unwrap_err())
}

/// `w` counts up from -1/2 by eighths, input by input: the first output has every third number.
#[test]
fn a_dense_network_is_read_as_it_is_written() {
    let net = read(&dense().encode_to_vec()).unwrap().net;
    let [FloatLayer::Dense(first), FloatLayer::Dense(second)] = &net.layers[..] else {
        panic!("{net:?}")
    };
    assert_eq!((net.inputs, net.outputs()), (4, 4));
    assert_eq!(first.weights[..4], [-0.5, -0.125, 0.25, 0.625]);
    assert_eq!(first.biases, [-0.5, -0.375, -0.25]);
    assert_eq!(second.weights[..3], [-0.5, 0.0, 0.5]);
}

#[test]
fn the_node_and_the_reason_are_named() {
    let one = |node: Node| refused(&model(&[1, 4], vec![node]));
    let recurrent = |op: &str, edit: &dyn Fn(Node) -> Node| {
        let (w, r) = if op == "GRU" {
            ("gru_w", "gru_r")
        } else {
            ("lstm_w", "lstm_r")
        };
        refused(&model(&[2, 1, 2], vec![edit(node(op, &["x", w, r], "y"))]))
    };
    let reverse = |n: Node| with(n, "direction", |a| a.text = b"reverse".to_vec());
    let tanh = |n: Node| {
        with(n, "activations", |a| {
            a.texts = vec![b"Relu".to_vec(), b"Tanh".to_vec(), b"Tanh".to_vec()];
        })
    };
    let initial = |mut n: Node| {
        n.inputs.extend(["", "", "state"].map(str::to_owned));
        n
    };
    let mut named = node("Softmax", &["x"], "y");
    named.name = "head/act".to_owned();
    let mut foreign = node("Gemm", &["x", "w"], "y");
    foreign.domain = "com.example".to_owned();
    for (found, wanted) in [
        (
            one(named),
            "node 0 `head/act` (Softmax): the operator Softmax is not read; read are",
        ),
        (one(foreign), "domain `com.example`"),
        (
            one(node("Gemm", &["x", "back"], "y")),
            "takes 3 values, but 4",
        ),
        (one(node("Gemm", &["w", "x"], "y")), "input 0 is constant"),
        (
            one(node("MatMul", &["x", "four"], "y")),
            "expected two axes",
        ),
        (
            one(node("Gemm", &["nowhere", "w"], "y")),
            "no node before gives its input `nowhere`",
        ),
        (one(node("Add", &["x", "x"], "y")), "skip connections"),
        (one(node("Add", &["x", "wide"], "y")), "does not broadcast"),
        (one(node("Div", &["four", "x"], "y")), "a constant divided"),
        (
            one(node("Reshape", &["x", "four"], "y")),
            "expected integers",
        ),
        (
            one(node("Conv", &["x", "filter"], "y")),
            "a batch of 1 and one axis",
        ),
        (
            refused(&model(
                &[1, 1, 4],
                vec![int(node("Conv", &["x", "filter"], "y"), "group", 2)],
            )),
            "in 2 groups",
        ),
        (recurrent("LSTM", &reverse), "direction reverse"),
        (recurrent("LSTM", &tanh), "activations"),
        (recurrent("LSTM", &initial), "initial state"),
        (recurrent("LSTM", &|n| int(n, "layout", 1)), "layout 1"),
        (recurrent("GRU", &|n| n), "linear_before_reset 0"),
        (
            refused(&model(
                &[1, 1, 2],
                vec![node("LSTM", &["x", "lstm_w", "lstm_r"], "y")],
            )),
            "one frame only",
        ),
        (
            refused(&model(
                &[2, 3, 2],
                vec![node("LSTM", &["x", "lstm_w", "lstm_r"], "y")],
            )),
            "a batch of 3",
        ),
        (
            int_training(node(
                "BatchNormalization",
                &["x", "four", "four", "four", "four"],
                "y",
            )),
            "training mode",
        ),
        (
            one(node(
                "BatchNormalization",
                &["x", "four", "four", "four", "four"],
                "y",
            )),
            "no root",
        ),
    ] {
        assert!(found.contains(wanted), "{found}\nwanted: {wanted}");
    }
}

fn int_training(node: Node) -> String {
    refused(&model(&[1, 4], vec![int(node, "training_mode", 1)]))
}

#[test]
fn branches_are_seen_wherever_they_begin() {
    let two = |nodes: Vec<Node>| refused(&model(&[1, 4], nodes));
    let again = two(vec![
        node("Gemm", &["x", "w"], "h"),
        node("Gemm", &["x", "w"], "y"),
    ]);
    assert!(again.contains("the network branches"), "{again}");
    let both = two(vec![
        node("Gemm", &["x", "w"], "h"),
        node("Tanh", &["h"], "t"),
        node("Mul", &["h", "t"], "y"),
    ]);
    assert!(both.contains("two computed tensors"), "{both}");
    let early = two(vec![
        node("Gemm", &["x", "w"], "y"),
        node("Relu", &["y"], "t"),
    ]);
    assert!(
        early.contains("not what the last operator gives"),
        "{early}"
    );
}

#[test]
fn the_graph_around_the_nodes_must_be_plain() {
    let edited = |edit: fn(&mut Graph)| {
        let mut model = dense();
        edit(model.graph.as_mut().unwrap());
        refused(&model)
    };
    for (found, wanted) in [
        (edited(|g| g.inputs.push(value("z", &[1]))), "2 inputs"),
        (edited(|g| g.outputs.clear()), "0 outputs"),
        (
            edited(|g| g.inputs[0] = value("x", &[1, -1])),
            "size 1 is open (`open`)",
        ),
        (
            edited(|g| g.inputs[0] = value("x", &[1, i64::MAX])),
            "more than 65535",
        ),
        (edited(|g| g.inputs[0].kind = None), "no tensor"),
        (
            edited(|g| g.initializers[0].location = 1),
            "tensor `w`: its data lie in another file",
        ),
        (
            edited(|g| g.initializers[0].floats[5] = f32::NAN),
            "weights is not finite",
        ),
        (edited(|g| g.nodes.clear()), "no node gives it"),
    ] {
        assert!(found.contains(wanted), "{found}\nwanted: {wanted}");
    }
    assert!(format!("{:#}", read(b"\xff\xff").unwrap_err()).contains("no .onnx file"));
    assert!(format!("{:#}", read(b"").unwrap_err()).contains("no graph"));
}

/// Sizes that ask for more memory than the file could fill.
#[test]
fn small_files_do_not_ask_for_all_memory() {
    let shape = |name: &str, numbers: Vec<i64>| Tensor {
        name: name.to_owned(),
        shape: vec![numbers.len() as i64],
        kind: 7,
        longs: numbers,
        ..Tensor::default()
    };
    let with_shape = |op: &str, numbers: Vec<i64>| {
        let mut model = model(&[1, 4], vec![node(op, &["x", "shape"], "y")]);
        let graph = model.graph.as_mut().unwrap();
        graph.initializers.push(shape("shape", numbers));
        refused(&model)
    };
    let huge = with_shape("Expand", vec![1 << 40, 1 << 20, 4]);
    assert!(huge.contains("has more than 65535 elements"), "{huge}");
    let huge = with_shape("Reshape", vec![i64::MAX, 2]);
    assert!(huge.contains("has more than 4 elements"), "{huge}");
    let dilated = node("Conv", &["x", "filter"], "y");
    let dilated = with(dilated, "dilations", |a| a.ints = vec![1 << 40]);
    let huge = refused(&model(&[1, 1, 4], vec![dilated]));
    assert!(huge.contains("dilation"), "{huge}");
}

/// Broken by any index, sum or allocation that trusts the file.
#[test]
fn no_bytes_make_it_panic() {
    let state = |op: &str| {
        let (w, r) = if op == "GRU" {
            ("gru_w", "gru_r")
        } else {
            ("lstm_w", "lstm_r")
        };
        int(node(op, &["x", w, r], "y"), "linear_before_reset", 1)
    };
    let conv = with(node("Conv", &["x", "filter"], "c"), "pads", |a| {
        a.ints = vec![1, 2];
    });
    let turned = with(node("Transpose", &["c"], "y"), "perm", |a| {
        a.ints = vec![0, 2, 1];
    });
    for model in [
        dense(),
        model(&[3, 1, 2], vec![state("LSTM")]),
        model(&[3, 1, 2], vec![state("GRU")]),
        model(&[1, 1, 4], vec![conv, turned]),
    ] {
        let bytes = model.encode_to_vec();
        assert!(read(&bytes).is_ok());
        for k in 0..bytes.len() {
            let _ = read(&bytes[..k]);
            for flip in [1, 2, 8, 0x40, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[k] ^= flip;
                let _ = read(&bytes);
            }
        }
    }
}
