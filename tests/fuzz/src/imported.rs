//! Networks from files: whatever an importer accepts, and the integers can hold, becomes a model
//! that the library accepts and that computes what the equations of its layers say.

use bellwether::model::{Head, QuantParams, Rounding};
use bellwether::network::{Activations, Network};
use bellwether::{Model, ModelError};
use bellwether_conformance::kinds::rows;
use bellwether_conformance::network::naive_layer;
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::model::blob::in_tiles;
use bellwether_sim::model::float::{FloatLayer, FloatNet};
use bellwether_sim::model::import::Imported;
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::quantise::{Ranges, Settings, quantise};
use bellwether_sim::model::sidecar::Sidecar;
use bellwether_sim::model::{self, Blob, BlobLayer, Judging, Stored};
use safetensors::SafeTensors;

/// Networks with more values, or more weights times frames, are imported but not packed.
const ROOM: usize = 2048;
const STEPS: usize = 100_000;

/// A `.tflite` file: as int8, and as f32.
pub fn tflite(data: &[u8]) {
    if let Ok(network) = model::tflite::read(data) {
        packed(network.input, network.layers, None);
    }
    if let Ok(imported) = model::tflite::float::read(data) {
        quantised(&imported);
    }
}

/// An `.onnx` file.
pub fn onnx(data: &[u8]) {
    if let Ok(imported) = model::onnx::read(data) {
        quantised(&imported);
    }
}

/// The length of a sidecar in two bytes, the sidecar, and a `.safetensors` file.
pub fn safetensors(data: &[u8]) {
    let Some((length, rest)) = data.split_first_chunk() else {
        return;
    };
    let (text, file) = rest.split_at(usize::from(u16::from_le_bytes(*length)).min(rest.len()));
    let sidecar = std::str::from_utf8(text).ok().map(Sidecar::parse);
    if let (Some(Ok(sidecar)), Ok(tensors)) = (sidecar, SafeTensors::deserialize(file))
        && let Ok(imported) = model::safetensors::network(&sidecar, &tensors)
    {
        quantised(&imported);
    }
}

fn quantised(imported: &Imported) {
    let net = &imported.net;
    net.check().expect("importers check");
    if net.inputs > ROOM || steps(net) > STEPS {
        return;
    }
    let numbers = &mut Numbers(net.inputs as u64);
    let rows = rows(numbers, net.inputs, 3);
    let ranges = Ranges::observe(net, rows.iter().map(Vec::as_slice));
    for per_channel in [false, true] {
        let settings = Settings {
            per_channel,
            one_grid: net.outputs() == net.inputs,
            ..Settings::default()
        };
        if let Ok(quantised) = quantise(net, &ranges, &settings) {
            packed(quantised.input, quantised.layers, Some(imported));
        }
    }
}

/// Multiply-and-add steps, roughly.
fn steps(net: &FloatNet) -> usize {
    let of_layer = |layer: &FloatLayer| match layer {
        FloatLayer::Dense(dense) => dense.weights.len(),
        FloatLayer::Conv1d(conv) => conv.weights.len() * conv.frames_out(),
        FloatLayer::Lstm(cell) | FloatLayer::Gru(cell) => {
            (cell.kernel.len() + cell.recurrent.len()) * cell.frames
        }
    };
    net.layers
        .iter()
        .map(of_layer)
        .fold(0, usize::saturating_add)
}

fn packed(input: QuantParams, layers: Vec<BlobLayer>, imported: Option<&Imported>) {
    let inputs = layers.first().map_or(0, BlobLayer::inputs);
    let window = imported.and_then(|i| i.window).unwrap_or(1);
    if window == 0 || !inputs.is_multiple_of(window) {
        return;
    }
    let features = imported.and_then(|i| i.features.clone());
    let rounding = Rounding::ALL[inputs % 3];
    let blob = Blob {
        rounding,
        head: Head::Outputs,
        features: features.unwrap_or_else(|| Variables::numbered(inputs / window).features),
        scales: imported.map_or(Vec::new(), |i| i.scales.clone()),
        window,
        input,
        layers: in_tiles(layers),
        thresholds: Vec::new(),
        saturation_limit: None,
        training: imported.and_then(|i| i.training),
        judging: Judging::default(),
    };
    match blob.to_bytes() {
        Ok(bytes) => computes(&blob, &Stored::new(&bytes)),
        // Finite weights may yet make sums that no 32 bits hold.
        Err(ModelError::Accumulator { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn computes(blob: &Blob, stored: &Stored) {
    let model = Model::parse(stored.bytes()).expect("accepted before");
    if model.arena_len() > ROOM || model.macs() > STEPS as u64 {
        return;
    }
    let network = Network::<ROOM>::new(model).expect("it fits");
    let mut activations = Activations::new();
    let numbers = &mut Numbers(model.checksum().into());
    let mut x: Vec<i16> = (0..model.inputs()).map(|_| numbers.int8().into()).collect();
    for (place, x) in activations.inputs().iter_mut().zip(&x) {
        *place = *x;
    }
    network.run_layers(&mut activations, |k, outputs| {
        let layer = blob.layers[k].clone();
        x = naive_layer(&layer, blob.rounding, &x);
        assert_eq!(outputs, x, "layer {k}, {:?}", blob.rounding);
    });
}
