//! Models as bytes: what is written is read, and everything else is refused with its reason.

use bellwether::model::header::{HEADER_BYTES, SIGNATURE_BYTES};
use bellwether::model::layer::LAYER_BYTES;
use bellwether::model::{Dense, Head, Layer, Limits, Order, QuantParams, Rounding, Scale, Score};
use bellwether::network::{Activations, Network};
use bellwether::signal::{self, Statistic};
use bellwether::threshold::surprise::Rules;
use bellwether::{Cause, Model, ModelError, Reading};
use bellwether_conformance::data;
use bellwether_conformance::extreme::{each_kind, every_kind};
use bellwether_conformance::network::{blob, layer};
use bellwether_sim::model::blob::checksum;
use bellwether_sim::model::edit::{with_calibration, with_front_end};
use bellwether_sim::model::{Blob, BlobLayer, DenseLayer, RecurrentLayer, Stored, tflite};
use proptest::collection::vec;
use proptest::prelude::*;

fn parse(bytes: &[u8]) -> Result<(), ModelError> {
    Model::parse(Stored::new(bytes).bytes()).map(|_| ())
}

/// Writes the checksum that fits, so that content is what is refused.
fn mend(bytes: &mut [u8]) {
    let end = bytes.len() - 4;
    let sum = checksum(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
}

/// Room for the models here.
const ROOM: usize = 256;

/// Calls everything a parsed model offers, and runs it where it fits.
fn use_all(model: &Model<'_>) -> usize {
    let layers = model.layers().map(|layer| {
        let sums = |dense: Dense<'_>| dense.weights().len() + dense.biases().len();
        let own = match layer {
            Layer::Dense(dense) => sums(dense),
            Layer::Lookup(lookup) => usize::from(lookup.tables.table(0).value(0) >= lookup.low),
            Layer::Conv1d(conv) => sums(conv.dense) + conv.kernel() + conv.frames_out(),
            Layer::Recurrent(cell) => cell.frames + cell.units,
            _ => 0,
        };
        own + layer.name().len() + layer.inputs() + layer.outputs() + layer.arena_len()
    });
    let layers = layers.sum::<usize>();
    if let Ok(network) = Network::<ROOM>::new(*model) {
        let mut activations = Activations::new();
        let (low, high) = (model.input_grid().low(), model.input_grid().high());
        for value in [low, high] {
            activations.inputs().fill(value);
            network.run(&mut activations);
        }
    }
    let names = model.features().map(|f| f.name.len() + f.unit.len());
    let scales = (0..=model.feature_count()).map(|k| model.scale(k));
    layers
        + names.sum::<usize>()
        + model.thresholds().count()
        + scales.filter(|scale| *scale != Scale::IDENTITY).count()
        + model.signature().map_or(0, |(_, message)| message.len())
}

#[test]
fn what_was_written_is_read() {
    let blob = blob();
    let stored = Stored::new(&blob.to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    assert_eq!(model.rounding(), Rounding::Single);
    assert_eq!(
        (model.inputs(), model.outputs(), model.arena_len()),
        (2, 2, 4)
    );
    assert_eq!((model.window(), model.feature_count()), (1, 2));
    assert_eq!(model.macs(), 4);
    assert_eq!(model.input_grid(), blob.input);
    assert_eq!(model.saturation_limit(), Some(1));
    assert_eq!(model.training_digest(), Some([0xab; 32]));
    assert_eq!(model.thresholds().collect::<Vec<_>>(), blob.thresholds);
    assert_eq!(model.limits(), blob.judging.limits);
    assert_eq!(model.scale(1), blob.scales[1]);
    assert_eq!(model.scale(2), Scale::IDENTITY);
    let names: Vec<_> = model.features().map(|f| (f.name, f.unit)).collect();
    assert_eq!(names, [("temperature", "°C"), ("fan", "rpm")]);
    for (read, written) in model.layers().zip(&blob.layers) {
        let Layer::Dense(read) = read else {
            panic!("dense");
        };
        let weights: Vec<i8> = read.weights().iter().map(|w| w.cast_signed()).collect();
        let BlobLayer::Dense(written) = written else {
            panic!("dense");
        };
        assert_eq!(weights, written.weights);
        assert_eq!(read.output, written.output);
        assert!(!read.per_channel());
    }
    assert_eq!(model.signature(), None);
}

/// Broken by parts behind the front end that are looked for at their place, or by a field that is not checked.
#[test]
fn a_front_end_is_read_and_nothing_else_moves() {
    let blob = blob();
    let bare = Stored::new(&blob.to_bytes().expect("a model"));
    let bare = Model::parse(bare.bytes()).expect("a model");
    // 1,024 samples, 512 apart, of two signals: rms of the first, band 8 of the second.
    let section = [1, 10, 0, 2, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0, 14, 0];
    let stored = Stored::new(&with_front_end(&bare, &section).expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    let end = model.front_end().expect("a front end");
    assert_eq!((end.samples(), end.hop(), end.signals()), (1024, 512, 2));
    let sources: Vec<_> = end.sources().map(|s| (s.signal, s.statistic)).collect();
    assert_eq!(sources, [(0, Statistic::Rms), (1, Statistic::Band(7))]);
    assert_eq!(model.scale(1), blob.scales[1]);
    assert_eq!(model.features().map(|f| f.name).last(), Some("fan"));
    assert_eq!(model.thresholds().collect::<Vec<_>>(), blob.thresholds);
    let mut features = [[Reading::Value(0.0); Statistic::COUNT]; 2];
    (features[0][1], features[1][14]) = (Reading::Value(2.0), Reading::Value(3.0));
    let frame = end.frame::<3>(&features);
    let missing = Reading::Absent(Cause::Missing);
    assert_eq!(frame, [Reading::Value(2.0), Reading::Value(3.0), missing]);
    assert!(signal::Rules::<1024, 2>::try_from(end).is_ok());
    assert!(signal::Rules::<512, 2>::try_from(end).is_err());
    assert!(signal::Rules::<1024, 3>::try_from(end).is_err());
    // Calibrated with what it has, and without a front end: byte for byte the same.
    let same = with_calibration(&model, &blob.thresholds, model.limits().as_ref());
    assert_eq!(same.as_deref(), Ok(stored.bytes()));
    let back = with_front_end(&model, &[]);
    assert_eq!(back.as_deref(), Ok(bare.bytes()));

    for (k, byte) in [
        (0, 2),
        (1, 5),
        (1, 13),
        (3, 0),
        (4, 1),
        (4, 3),
        (6, 1),
        (8, 1),
        (10, 15),
        (11, 1),
        (12, 2),
        (15, 1),
    ] {
        let mut damaged = section;
        damaged[k] = byte;
        let refused = with_front_end(&bare, &damaged);
        assert!(
            matches!(refused, Err(ModelError::Content { .. })),
            "{k} {byte}"
        );
    }
}

/// Broken by parts behind the limits that are looked for at their place, or by a field that is not checked.
#[test]
fn limits_are_read_and_nothing_else_moves() {
    let mut blob = blob();
    let bare = blob.to_bytes().expect("a model");
    let limits = Limits {
        score: Score::MaxAbsolute,
        rules: Rules::new(0.25, 0.5, 64, 1.75).expect("limits"),
        rows: 412,
    };
    blob.judging.limits = Some(limits);
    let stored = Stored::new(&blob.to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    assert_eq!(model.limits(), Some(limits));
    assert_eq!(model.thresholds().collect::<Vec<_>>(), blob.thresholds);
    assert_eq!(model.scale(1), blob.scales[1]);
    assert_eq!(model.features().map(|f| f.name).last(), Some("fan"));
    // Edited in and out again.
    let small = Stored::new(&bare);
    let small = Model::parse(small.bytes()).expect("a model");
    let edited = with_calibration(&small, &blob.thresholds, Some(&limits));
    assert_eq!(edited.as_deref(), Ok(stored.bytes()));
    let back = with_calibration(&model, &blob.thresholds, None);
    assert_eq!(back.as_ref(), Ok(&bare));

    let at = HEADER_BYTES + LAYER_BYTES * blob.layers.len() + 16 * blob.thresholds.len();
    for (k, byte) in [(0, 4), (1, 1), (2, 0), (7, 0xff), (11, 0xff), (15, 0xff)] {
        let mut bytes = stored.bytes().to_vec();
        bytes[at + k] = byte;
        bytes[at + 6] = if k == 7 { 0xff } else { bytes[at + 6] };
        let end = bytes.len();
        mend(&mut bytes[..end]);
        assert!(
            matches!(parse(&bytes), Err(ModelError::Content { .. })),
            "{k}"
        );
    }
}

#[test]
fn a_model_knows_the_order_of_its_variables() {
    let stored = Stored::new(&blob().to_bytes().expect("a model"));
    let model = Model::parse(stored.bytes()).expect("a model");
    assert_eq!(model.expect_features(&["temperature", "fan"]), Ok(()));
    for (names, index) in [
        (&["fan", "temperature"][..], 0),
        (&["temperature", "Fan"], 1),
        (&["temperature"], 1),
        (&["temperature", "fan", "power"], 2),
    ] {
        assert_eq!(
            model.expect_features(names),
            Err(ModelError::Feature { index })
        );
    }
}

#[test]
fn a_signature_is_shown_with_the_bytes_it_is_made_over() {
    let signature = [0x5a; SIGNATURE_BYTES];
    let bytes = blob().encode(Some(&signature));
    let stored = Stored::new(&bytes);
    let model = Model::parse(stored.bytes()).expect("a model");
    let (found, message) = model.signature().expect("signed");
    assert_eq!(found, &signature);
    assert_eq!(message, &bytes[..bytes.len() - SIGNATURE_BYTES - 4]);
}

/// Broken by a parser that trusts a length.
#[test]
fn every_truncation_is_refused_as_such() {
    for bytes in [
        blob().encode(None),
        blob().encode(Some(&[1; SIGNATURE_BYTES])),
    ] {
        assert_eq!(parse(&bytes), Ok(()));
        for found in 0..bytes.len() {
            let expected = if found < 96 { 96 } else { bytes.len() };
            let refused = Err(ModelError::Truncated { expected, found });
            assert_eq!(parse(&bytes[..found]), refused, "cut to {found}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        let (expected, found) = (bytes.len(), longer.len());
        assert_eq!(
            parse(&longer),
            Err(ModelError::TrailingBytes { expected, found })
        );
    }
}

/// Broken by a byte that no check covers.
#[test]
fn every_changed_byte_is_refused() {
    let bytes = blob().encode(Some(&[1; SIGNATURE_BYTES]));
    let mut damaged = bytes.clone();
    for at in 0..bytes.len() {
        for change in 1..=u8::MAX {
            damaged[at] = bytes[at] ^ change;
            let refused = parse(&damaged).expect_err("damaged");
            let reason = match at {
                0..4 => refused == ModelError::Magic,
                4..6 => matches!(refused, ModelError::Version { .. }),
                8..12 => matches!(
                    refused,
                    ModelError::Truncated { .. } | ModelError::TrailingBytes { .. }
                ),
                _ => matches!(refused, ModelError::Checksum { .. }),
            };
            assert!(reason, "byte {at} ^ {change}: {refused:?}");
        }
        damaged[at] = bytes[at];
    }
}

/// Every byte of a model changed in every way, with a checksum that fits; returns how many are
/// still models. A changed weight or scale may well be another model; whatever is accepted must be
/// usable.
fn accepted_changes(bytes: &[u8]) -> usize {
    let mut accepted = 0;
    for at in 12..bytes.len() - 4 {
        for change in 1..=u8::MAX {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= change;
            mend(&mut damaged);
            if let Ok(model) = Model::parse(Stored::new(&damaged).bytes()) {
                accepted += usize::from(use_all(&model) > 0);
            }
        }
    }
    accepted
}

/// Broken by a check that depends on the checksum alone: here it always fits.
#[test]
fn changed_bytes_with_a_fitting_checksum_never_panic() {
    let accepted = accepted_changes(&blob().encode(None));
    assert!(accepted > 1000, "weights and scales may change");
}

/// The same for every kind of layer by itself, whose every field and block is so reached.
#[test]
fn changed_bytes_of_every_kind_never_panic() {
    std::thread::scope(|scope| {
        for (name, blob) in each_kind() {
            scope.spawn(move || {
                let bytes = blob.to_bytes().expect("a model");
                let accepted = accepted_changes(&bytes);
                assert!(accepted > 1000, "{name}: weights and entries may change");
                let all = 255 * (bytes.len() - 16);
                assert!(accepted < all, "{name}: fields may not");
            });
        }
    });
}

/// Broken by a view that reads behind what is there.
#[test]
fn every_truncation_of_every_kind_is_refused() {
    let kinds = every_kind(Rounding::Single, Order::Tiles, Head::Outputs);
    let each = each_kind().into_iter().map(|(_, blob)| blob);
    for blob in each.chain([kinds]) {
        let bytes = blob.to_bytes().expect("a model");
        for found in 0..bytes.len() {
            let expected = if found < 96 { 96 } else { bytes.len() };
            let refused = Err(ModelError::Truncated { expected, found });
            assert_eq!(parse(&bytes[..found]), refused, "cut to {found}");
        }
        // As if the shorter model were whole.
        for found in 100..bytes.len() {
            let mut whole = bytes[..found].to_vec();
            whole[8..12].copy_from_slice(&(found as u32).to_le_bytes());
            mend(&mut whole);
            assert!(parse(&whole).is_err(), "cut to {found}, and mended");
        }
    }
}

/// Fields of the kinds' records, by offset within the record. Broken by a check that is left out,
/// or one that blames another place.
#[test]
fn fields_of_every_kind_are_refused_with_their_place() {
    // Kind, offset of the field, what is written there, offset that is blamed.
    let cases: [(&str, usize, &[u8], usize); 54] = [
        ("narrow lookup", 1, &[4], 1),
        ("narrow lookup", 2, &[1], 2),
        ("narrow lookup", 3, &[1], 3),
        ("narrow lookup", 6, &[2, 0], 6),
        ("narrow lookup", 14, &[9], 14),
        ("narrow lookup", 15, &[1], 15),
        ("narrow lookup", 28, &[16], 28),
        ("narrow lookup", 29, &[1], 29),
        ("narrow lookup", 30, &[1, 0], 30),
        ("narrow lookup", 30, &[2, 0], 24),
        ("narrow lookup", 39, &[1], 32),
        ("wide lookup", 28, &[8], 28),
        ("wide lookup", 20, &[0], 20),
        ("wide lookup", 24, &[0], 24),
        ("conv1d", 1, &[3], 1),
        ("conv1d", 2, &[2], 2),
        ("conv1d", 3, &[2], 3),
        ("conv1d", 6, &[11, 0], 6),
        ("conv1d", 10, &[0x7f, 0xff], 10),
        ("conv1d", 15, &[4], 15),
        ("conv1d", 28, &[0, 0], 28),
        ("conv1d", 28, &[3, 0], 4),
        ("conv1d", 30, &[0, 0], 30),
        ("conv1d", 30, &[4, 0], 6),
        ("conv1d", 32, &[0], 32),
        ("conv1d", 32, &[8], 6),
        ("conv1d", 33, &[0], 33),
        ("conv1d", 33, &[1], 6),
        ("conv1d", 34, &[9], 6),
        ("conv1d", 36, &[16], 36),
        ("conv1d", 37, &[18], 37),
        ("conv1d", 39, &[1], 39),
        ("lstm", 1, &[1], 1),
        ("lstm", 2, &[1], 2),
        ("lstm", 3, &[1], 3),
        ("lstm", 15, &[1], 15),
        ("lstm", 28, &[0, 0], 28),
        ("lstm", 28, &[5, 0], 4),
        ("lstm", 30, &[0, 0], 30),
        ("lstm", 32, &[13], 32),
        ("lstm", 33, &[2], 33),
        ("lstm", 33, &[0], 6),
        ("gru", 33, &[1], 6),
        ("gru", 34, &[16], 34),
        ("gru", 10, &[0, 0], 10),
        ("gru", 35, &[1], 35),
        ("curve", 1, &[1], 1),
        ("curve", 6, &[2, 0], 6),
        ("curve", 10, &[0, 0], 10),
        ("curve", 16, &[1], 14),
        ("curve", 28, &[8], 28),
        ("curve", 29, &[31], 29),
        ("curve", 30, &[0, 0], 30),
        ("curve", 32, &[1], 32),
    ];
    let kinds = each_kind();
    for (kind, at, written, blamed) in cases {
        let (_, blob) = kinds.iter().find(|(name, _)| *name == kind).expect(kind);
        let mut bytes = blob.to_bytes().expect("a model");
        bytes[96 + at..96 + at + written.len()].copy_from_slice(written);
        mend(&mut bytes);
        let wanted = Err(ModelError::Content {
            offset: 96 + blamed,
        });
        assert_eq!(parse(&bytes), wanted, "{kind}, {at}: {written:?}");
    }
}

/// Parts of the kinds' blocks. Broken by a proof that leaves a sum out, or takes the wrong range.
#[test]
fn blocks_of_every_kind_are_refused_with_their_place() {
    type Edit = fn(&mut BlobLayer);
    fn cell(layer: &mut BlobLayer) -> &mut RecurrentLayer {
        match layer {
            BlobLayer::Recurrent(cell) => cell,
            _ => panic!("recurrent"),
        }
    }
    // Rows lie four units of a gate, then of the next; of two units two rows are empty.
    let cases: [(&str, Edit, usize); 5] = [
        ("lstm", |l| cell(l).input.biases[1] = i32::MAX, 1),
        ("lstm", |l| cell(l).input.biases[2] = i32::MIN, 4),
        ("lstm", |l| cell(l).state.biases[0] = i32::MAX, 0),
        ("gru", |l| cell(l).state.biases[5] = i32::MIN, 9),
        (
            "conv1d",
            |l| match l {
                BlobLayer::Conv1d(conv) => conv.dense.biases[4] = i32::MAX,
                _ => panic!("convolution"),
            },
            4,
        ),
    ];
    let kinds = each_kind();
    for (kind, edit, output) in cases {
        let (_, blob) = kinds.iter().find(|(name, _)| *name == kind).expect(kind);
        let mut blob = blob.clone();
        edit(&mut blob.layers[0]);
        let wanted = ModelError::Accumulator { layer: 0, output };
        assert_eq!(blob.to_bytes().expect_err("a sum too large"), wanted);
    }
    for (kind, blob) in &kinds {
        let mut bytes = blob.to_bytes().expect("a model");
        let field = bytes[96 + 20..].first_chunk().expect("a record");
        let block = u32::from_le_bytes(*field) as usize;
        // A multiplier below 2^30, or an entry above the largest output.
        let (at, written) = match *kind {
            "lstm" => (block + 2 * 4 * 16, i32::MAX / 4),
            "gru" => (block + 2 * 4 * 12 + 8, i32::MAX / 4),
            "conv1d" => (block + 4 * 5, i32::MAX / 4),
            // Its table may have any entries: results are limited.
            "curve" => continue,
            _ => (block + 2, i16::MAX.into()),
        };
        bytes[at..at + 4].copy_from_slice(&written.to_le_bytes());
        mend(&mut bytes);
        let wanted = Err(ModelError::Content { offset: at });
        assert_eq!(parse(&bytes), wanted, "{kind}");
    }
}

#[test]
fn a_model_off_its_alignment_is_refused() {
    let bytes = blob().encode(None);
    let stored = Stored::new(&[&[0], bytes.as_slice()].concat());
    let refused = Model::parse(&stored.bytes()[1..]).map(|_| ());
    assert_eq!(refused, Err(ModelError::Misaligned));
}

fn dense(blob: &mut Blob, index: usize) -> &mut DenseLayer {
    match &mut blob.layers[index] {
        BlobLayer::Dense(dense) => dense,
        _ => panic!("dense"),
    }
}

fn refusal(edit: impl FnOnce(&mut Blob)) -> ModelError {
    let mut blob = blob();
    edit(&mut blob);
    blob.to_bytes().expect_err("must be refused")
}

/// Broken by a check that is left out, or one that blames another place.
#[test]
fn inconsistent_content_is_refused_with_its_place() {
    type Edit = fn(&mut Blob);
    let cases: [(Edit, ModelError); 11] = [
        (
            |b| b.layers[1] = layer(2, 2).into(),
            ModelError::Shape {
                layer: 1,
                expected: 1,
                found: 2,
            },
        ),
        (
            |b| b.window = 2,
            ModelError::Shape {
                layer: 0,
                expected: 4,
                found: 2,
            },
        ),
        (
            |b| b.layers[1] = layer(1, 3).into(),
            ModelError::Content { offset: 20 },
        ),
        (
            |b| dense(b, 0).biases[0] = i32::MAX,
            ModelError::Accumulator {
                layer: 0,
                output: 0,
            },
        ),
        (
            |b| dense(b, 1).biases[1] = i32::MIN,
            ModelError::Accumulator {
                layer: 1,
                output: 1,
            },
        ),
        (|b| dense(b, 0).low = 4, ModelError::Content { offset: 97 }),
        (
            |b| dense(b, 1).output.scale = 0.0,
            ModelError::Content { offset: 136 + 16 },
        ),
        (
            |b| b.input.scale = f32::NAN,
            ModelError::Content { offset: 28 },
        ),
        (
            |b| b.input.zero_point = 128,
            ModelError::Content { offset: 26 },
        ),
        (
            |b| b.thresholds[0].value = -1.0,
            ModelError::Content { offset: 176 + 4 },
        ),
        (
            |b| b.scales[0].divisor = 0.0,
            ModelError::Content { offset: 192 + 4 },
        ),
    ];
    for (k, (edit, wanted)) in cases.into_iter().enumerate() {
        assert_eq!(refusal(edit), wanted, "case {k}");
    }
    let shifts = refusal(|b| dense(b, 0).multipliers[0] = (1 << 30, -32));
    assert!(matches!(shifts, ModelError::Content { .. }), "{shifts}");
    let small = refusal(|b| dense(b, 0).multipliers[0] = ((1 << 30) - 1, 0));
    assert!(matches!(small, ModelError::Content { .. }), "{small}");
    let mut unknown = blob().encode(None);
    unknown[96] = 9;
    mend(&mut unknown);
    assert_eq!(
        parse(&unknown),
        Err(ModelError::LayerKind { layer: 0, found: 9 })
    );
    let mut newer = blob().encode(None);
    newer[4] = 2;
    assert_eq!(parse(&newer), Err(ModelError::Version { found: 2 }));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(mut bytes in vec(any::<u8>(), 0..400), level in 0..4) {
        let prefix: &[u8] = match level {
            0 => b"",
            1 => b"BWMB",
            _ => b"BWMB\x01\x00",
        };
        bytes.splice(..prefix.len().min(bytes.len()), prefix.iter().copied());
        if level == 3 && bytes.len() > 84 {
            let length = (bytes.len() as u32).to_le_bytes();
            bytes[8..12].copy_from_slice(&length);
            mend(&mut bytes);
        }
        let stored = Stored::new(&bytes);
        if let Ok(model) = Model::parse(stored.bytes()) {
            use_all(&model);
        }
    }

    #[test]
    fn random_bytes_are_no_tflite_network_and_never_panic(
        mut bytes in vec(any::<u8>(), 0..300),
        marked in any::<bool>(),
    ) {
        if marked && bytes.len() >= 8 {
            bytes[..4].copy_from_slice(&12_u32.to_le_bytes());
            bytes[4..8].copy_from_slice(b"TFL3");
        }
        prop_assert!(tflite::read(&bytes).is_err());
    }
}

/// Broken by an offset that is followed unchecked: the structure of a real file, cut at many
/// places, and with bytes changed everywhere but in the weights.
#[test]
fn a_damaged_tflite_file_never_panics() {
    let Some(file) = data::file("ad01/ad01_int8.tflite") else {
        return;
    };
    let bytes = std::fs::read(file).expect("readable");
    assert!(tflite::read(&bytes).is_ok());
    for length in (0..2000).chain((2000..bytes.len()).step_by(997)) {
        assert!(tflite::read(&bytes[..length]).is_err(), "cut to {length}");
    }
    let mut damaged = bytes.clone();
    let ends = (0..3000).chain(bytes.len() - 9000..bytes.len());
    for at in ends.step_by(3) {
        for change in [0x01, 0x80, 0xff] {
            damaged[at] ^= change;
            let _ = tflite::read(&damaged);
            damaged[at] = bytes[at];
        }
    }
    let name = tflite::read(b"0000TFL2").unwrap_err().to_string();
    assert_eq!(name, "byte 4: expected a .tflite file (identifier TFL3)");
}

/// The scores' and roundings' spelling is part of the commands and of the format.
#[test]
fn codes_and_names_are_stable() {
    let roundings = Rounding::ALL.map(|r| (r.code(), r.name()));
    let wanted = [
        (0, "single"),
        (1, "double-half-up"),
        (2, "double-ties-away"),
    ];
    assert_eq!(roundings, wanted);
    let scores = Score::ALL.map(|s| (s.code(), s.name()));
    let wanted = [
        (0, "mean-absolute"),
        (1, "max-absolute"),
        (2, "mean-square"),
        (3, "negative-log-likelihood"),
        (4, "distance"),
        (5, "logit"),
    ];
    assert_eq!(scores, wanted);
    let grid = QuantParams {
        scale: 0.5,
        zero_point: -3,
        wide: false,
    };
    assert_eq!(grid.real(1), 2.0);
}
