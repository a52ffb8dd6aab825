//! Refused files, with file and field.

use super::*;
use ::safetensors::tensor::TensorView;
use serde_json::{Value, json};

/// Two values through one dense layer.
fn sidecar() -> Value {
    json!({
        "format": "bellwether-network", "version": 1, "input": [2], "window": 1,
        "features": [
            {"name": "a", "offset": 0, "divisor": 1, "mean": 0},
            {"name": "b", "unit": "W", "offset": 0, "divisor": 2, "mean": 0}
        ],
        "layers": [{"dense": {"weights": "w", "layout": "outputs-inputs", "biases": "b"}}]
    })
}

/// Tensors of every shape that is needed.
fn read_with(sidecar: &Value) -> Result<Imported> {
    let shapes = [
        ("w", vec![2, 2]),
        ("b", vec![2]),
        ("b3", vec![3]),
        ("kernel", vec![8, 2]),
        ("filter", vec![1, 2, 2]),
    ];
    let tensors = shapes.map(|(name, shape)| {
        let count = shape.iter().product();
        let bytes: Vec<u8> = (0..count).flat_map(|k| (k as f32).to_le_bytes()).collect();
        (name, shape, bytes)
    });
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        (*name, view.unwrap())
    });
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("net.safetensors");
    std::fs::write(&path, ::safetensors::serialize(views, None)?)?;
    std::fs::write(path.with_extension("json"), sidecar.to_string())?;
    read(&path)
}

fn refused(edit: impl Fn(&mut Value)) -> String {
    let mut edited = sidecar();
    edit(&mut edited);
    format!("{:#}", read_with(&edited).unwrap_err())
}

fn with_layer(layer: &Value) -> String {
    refused(|s| s["layers"] = json!([layer]))
}

#[test]
fn weights_lie_as_the_layout_says() {
    let mut edited = sidecar();
    let weights = |sidecar: &Value| match &read_with(sidecar).unwrap().net.layers[0] {
        FloatLayer::Dense(dense) => dense.weights.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(weights(&edited), [0.0, 1.0, 2.0, 3.0]);
    edited["layers"][0]["dense"]["layout"] = json!("inputs-outputs");
    assert_eq!(weights(&edited), [0.0, 2.0, 1.0, 3.0]);
    // Gates of one unit that the file has as o, f, i, g.
    edited["input"] = json!([3, 2]);
    edited["window"] = json!(3);
    edited["layers"] = json!([{"gru": {
        "kernel": "g", "recurrent": "u", "layout": "outputs-inputs", "gates": "zrn",
        "sequence": false
    }}]);
    let error = format!("{:#}", read_with(&edited).unwrap_err());
    assert!(
        error.contains("layers[0]: kernel: tensor `g` is not in the file"),
        "{error}"
    );
    assert_eq!(gates::<4>("ofig", "ifgo").unwrap(), [2, 1, 3, 0]);
    assert_eq!(gates::<3>("zrn", "rzn").unwrap(), [1, 0, 2]);
    for wrong in ["", "zr", "zrnn", "zzn", "abc"] {
        assert!(gates::<3>(wrong, "rzn").is_err(), "{wrong}");
    }
}

#[test]
fn the_file_and_the_field_are_named() {
    let set = |field: &'static str, value: Value| refused(move |s| s[field] = value.clone());
    let lstm = json!({"lstm": {
        "kernel": "kernel", "recurrent": "kernel", "layout": "outputs-inputs", "gates": "ifgo",
        "sequence": true
    }});
    for (found, wanted) in [
        (set("format", json!("other")), "format: `other`"),
        (set("version", json!(2)), "version: 2, only 1 is read"),
        (set("more", json!(1)), "unknown field `more`"),
        (set("input", json!([])), "input: []"),
        (
            set("input", json!([0])),
            "input: the shape [0] has no elements",
        ),
        (
            set("window", json!(2)),
            "features: 2 of them in 2 frames are not the 2 inputs",
        ),
        (
            set("head", json!("best")),
            "head: `best`, expected one of outputs, reconstruction",
        ),
        (
            set("training_sha256", json!("ab")),
            "training_sha256: expected 64",
        ),
        (
            set("training_sha256", json!("+0".repeat(32))),
            "training_sha256: expected 64",
        ),
        (set("layers", json!([])), "no layers"),
        (
            refused(|s| s["features"][1]["name"] = json!("")),
            "features[1].name is empty",
        ),
        (
            refused(|s| s["features"][1]["divisor"] = json!(0)),
            "features[1].divisor: 0",
        ),
        (
            refused(|s| s["features"][1]["mean"] = json!(null)),
            "features[1]: offset, divisor and",
        ),
        (
            refused(|s| s["features"][1] = json!({"name": "b"})),
            "features: 1 of 2 have a scale",
        ),
        (
            refused(|s| s["layers"][0]["dense"]["weights"] = json!("v")),
            "layers[0]: weights: tensor `v` is not",
        ),
        (
            refused(|s| s["layers"][0]["dense"]["weights"] = json!("b")),
            "layers[0]: weights: `b` has the shape [2]",
        ),
        (
            refused(|s| s["layers"][0]["dense"]["biases"] = json!("b3")),
            "layers[0]: biases: `b3` has the shape [3]",
        ),
        (
            refused(|s| s["layers"][0] = json!({"best": {}})),
            "unknown variant `best`",
        ),
        (
            refused(|s| s["layers"][0]["dense"]["bias"] = json!("b")),
            "unknown field `bias`",
        ),
        (
            refused(|s| s["layers"][0]["dense"]["function"] = json!("swoosh")),
            "unknown variant `swoosh`",
        ),
        (
            with_layer(&lstm),
            "layers[0]: it takes frames, but one row of 2 values",
        ),
        (
            with_layer(&json!({"last-frame": {}})),
            "layers[0]: it takes frames",
        ),
        (
            with_layer(&json!({"frames": {"frames": 0}})),
            "frames: 2 values are no 0 frames",
        ),
        (
            with_layer(&json!({"repeat": {"frames": 70_000}})),
            "more than 65535",
        ),
        (
            refused(|s| {
                s["layers"] = json!([s["layers"][0], s["layers"][0], {
                    "batch-norm": {"mean": "b3", "variance": "b", "epsilon": 0.001}
                }]);
            }),
            "layers[2]: mean: `b3`",
        ),
    ] {
        assert!(
            found.contains("net.json: ") && found.contains(wanted),
            "{found}\nwanted: {wanted}"
        );
    }
}

/// Broken if what is not known is passed over in silence.
#[test]
fn misspelt_fields_are_named_with_their_layer() {
    for (field, value) in [("bias", "b"), ("function", "swoosh"), ("layout", "best")] {
        let found = refused(|s| s["layers"][0]["dense"][field] = json!(value));
        assert!(found.contains("net.json: layers[0].dense"), "{found}");
    }
}

#[test]
fn the_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let error = format!("{:#}", read(&path).unwrap_err());
    assert!(error.contains("net.json (what the tensors are)"), "{error}");
    std::fs::write(path.with_extension("json"), sidecar().to_string()).unwrap();
    let error = format!("{:#}", read(&path).unwrap_err());
    assert!(error.contains("net.safetensors: "), "{error}");
    std::fs::write(&path, b"nothing of the kind").unwrap();
    assert!(read(&path).is_err());
}
