//! Models: whatever [`Model::parse`] accepts can be used for anything, with any inputs.

use bellwether::autoencoder::{self, Alarm, Autoencoder, Contribution, Windowed, windowed};
use bellwether::model::header::HEADER_BYTES;
use bellwether::model::{Head, MAGIC, MODEL_VERSION, Threshold, arena_len};
use bellwether::network::{Activations, CacheLine, Network};
use bellwether::{Assessment, Detector, Model, Reading, State, Tick};
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::model::Stored;
use bellwether_sim::model::blob::checksum;

/// Models that need more room, or more steps, are parsed but not run.
const ROOM: usize = 4096;
const STEPS: u64 = 100_000;

/// The bytes as they are, and with an envelope that fits them: without it next to nothing would
/// get past the checksum.
pub fn model(data: &[u8]) {
    let stored = Stored::new(data);
    match Model::parse(stored.bytes()) {
        Ok(model) => used(model),
        Err(_) => {
            let stored = Stored::new(&sealed(data));
            if let Ok(model) = Model::parse(stored.bytes()) {
                used(model);
            }
        }
    }
}

/// With magic, version, length and checksum in place.
fn sealed(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    bytes.resize(data.len().max(HEADER_BYTES + 4), 0);
    let (end, total) = (bytes.len() - 4, bytes.len() as u32);
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4..6].copy_from_slice(&MODEL_VERSION.to_le_bytes());
    bytes[8..12].copy_from_slice(&total.to_le_bytes());
    let sum = checksum(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn used(model: Model<'_>) {
    asked(&model);
    if model.arena_len() > ROOM || model.macs() > STEPS {
        return;
    }
    let numbers = &mut Numbers(model.checksum().into());
    run(model, numbers);
    let rules = match (
        autoencoder::Rules::<ROOM>::new(model),
        model.head().scores(),
    ) {
        (Ok(rules), _) => rules,
        (Err(_), [score, ..]) => {
            let threshold = Threshold {
                score: *score,
                value: 0.5,
                quantile: 0.0,
                rows: 0,
            };
            let settings = autoencoder::Settings {
                model,
                threshold: Some(threshold),
            };
            autoencoder::Rules::new(settings).expect("it has that score")
        }
        (Err(_), []) => {
            assert_eq!(model.head(), Head::Outputs, "only these have no score");
            return;
        }
    };
    observe(&rules, numbers);
}

/// Everything that is said of a model.
fn asked(model: &Model<'_>) {
    let names: Vec<&str> = model.features().map(|feature| feature.name).collect();
    assert_eq!(names.len(), model.feature_count());
    model.expect_features(&names).expect("its own names");
    assert_eq!(arena_len(model.bytes()), model.arena_len());
    assert_eq!(model.inputs(), model.feature_count() * model.window());
    let widest = model.layers().map(|layer| layer.arena_len()).max();
    assert_eq!(widest, Some(model.arena_len()));
    let last = model.layers().next_back().map(|layer| layer.outputs());
    assert_eq!(last, Some(model.outputs()));
    for threshold in model.thresholds() {
        assert!(model.head().scores().contains(&threshold.score));
    }
    if let Some(limits) = model.limits() {
        assert!(model.head().scores().contains(&limits.score));
        assert!(limits.rules.threshold() > 0.0);
    }
    for feature in 0..=names.len() {
        let scale = model.scale(feature);
        assert!(scale.divisor != 0.0);
    }
    for output in 0..=model.outputs() {
        assert!(model.centre(output).is_finite());
    }
}

/// Every layer's outputs lie on its grid, whatever was in the activations before, and they are the same
/// with weights in panels.
fn run(model: Model<'_>, numbers: &mut Numbers) {
    let network = Network::<ROOM>::new(model).expect("it fits");
    let mut memory = vec![CacheLine::ZERO; network.packed_lines()];
    let panelled = network.with_packed_weights(&mut memory).expect("enough");
    let grid = model.input_grid();
    let mut first = None;
    for (rest, network) in [(0, network), (12_345, network), (i16::MIN, panelled)] {
        let mut activations = Activations::new();
        activations.inputs().fill(rest);
        let mut same = Numbers(numbers.0);
        for place in activations.inputs().iter_mut().take(model.inputs()) {
            let any = if grid.wide {
                same.bits() as i16
            } else {
                same.int8().into()
            };
            *place = any.clamp(grid.low(), grid.high());
        }
        let layers: Vec<_> = model.layers().map(|layer| layer.output()).collect();
        let outputs = network.run_layers(&mut activations, |k, outputs| {
            let grid = layers[k];
            let on_it = |q: &i16| (grid.low()..=grid.high()).contains(q);
            assert!(outputs.iter().all(on_it), "layer {k}: {outputs:?}");
        });
        let outputs = outputs.to_vec();
        assert_eq!(outputs, *first.get_or_insert(outputs.clone()));
        assert_eq!(outputs, network.outputs(&activations));
    }
}

/// Ordinary values, then any bits: an answer always, and no state but activations.
fn observe(rules: &autoencoder::Rules<'_, ROOM>, numbers: &mut Numbers) {
    let (mut detector, mut alarm) = (Autoencoder::new(), Alarm::new());
    let mut windowed = Windowed::<1, 4, ROOM>::new();
    let framed = windowed::Rules::try_from(*rules);
    let fits = rules.model().feature_count() == 1 && rules.model().window() == 4;
    assert_eq!(framed.is_ok(), fits);
    let mut whole = Autoencoder::<ROOM>::new();
    for round in 0..6 {
        let inputs = inputs(rules.model(), round, numbers);
        let answer = detector.assess(rules, &inputs);
        alarm.observe(rules, &detector, answer);
        let mut fresh = Autoencoder::new();
        assert_eq!(bits(&answer), bits(&fresh.assess(rules, &inputs)));
        let top: [Option<Contribution>; 3] = detector.top(rules, &inputs);
        let count = detector.contributions(rules, &inputs).count();
        assert!(count <= rules.model().reconstructed());
        assert_eq!(top.iter().flatten().count(), count.min(3));
        let _: [Option<Contribution>; 3] = detector.occluded(rules, &inputs);
        let readings: Vec<Reading> = inputs.iter().map(Reading::from).collect();
        let again = whole.observe(rules, Tick(round), &readings);
        assert_eq!(bits(&answer), bits(&again));
        if let Ok(rules) = &framed {
            for (k, reading) in (0..).zip(&readings) {
                windowed.observe(rules, Tick(8 * round + k), &[*reading]);
            }
        }
    }
}

fn inputs(model: &Model<'_>, round: u64, numbers: &mut Numbers) -> Vec<f32> {
    let features = model.feature_count();
    let input = |k: usize| {
        let scale = model.scale(k % features);
        match round {
            0 => scale.mean,
            1 | 2 => scale.invert(numbers.real()),
            3 => f32::from_bits(numbers.bits() << 1),
            4 => f32::MAX * numbers.real(),
            _ => [f32::NAN, f32::INFINITY, 0.0, -1.0][(numbers.bits() % 4) as usize],
        }
    };
    (0..model.inputs()).map(input).collect()
}

/// So that comparing two never depends on NaN.
fn bits(answer: &Assessment) -> (State, [Option<u32>; 2]) {
    let bits = |x: Option<f32>| x.map(f32::to_bits);
    (answer.state, [bits(answer.score), bits(answer.threshold)])
}
