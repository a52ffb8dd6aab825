//! The worked examples of `docs/`, against what the code writes and reads.

use bellwether::alarm::{self, Basis, Grade, Phase};
use bellwether::autoencoder::{self, Autoencoder, Reason};
use bellwether::health::Symptom;
use bellwether::kind::Kind;
use bellwether::model::{Activation, Head, Order, QuantParams, Rounding, Scale, Score, Threshold};
use bellwether::report::{Answer, Course, Name, Notice, Outcome, RECORD_MAX, Record, Values};
use bellwether::rola::{Rola, Rules, Settings};
use bellwether::threshold::ema::{self, EmaThreshold};
use bellwether::threshold::quantile::{self, QuantileThreshold};
use bellwether::threshold::spot::{self, SpotThreshold};
use bellwether::vote::k_of_n::{self, KOfN};
use bellwether::{Assessment, Cause, Model, Reading, Snapshot, State, Summary, Tick};
use bellwether_conformance::flash::Nor;
use bellwether_hal::storage::slots::{Record as SlotRecord, Slot, Slots};
use bellwether_sim::model::import;
use bellwether_sim::model::sign::sign;
use bellwether_sim::model::{Blob, DenseLayer, Judging, NamedFeature, Stored};
use ed25519_dalek::SigningKey;
use safetensors::tensor::{Dtype, TensorView};

/// The bytes of every fenced block marked `hex`, in order; `#` begins a remark.
fn examples(document: &str) -> Vec<Vec<u8>> {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    let mut inside = false;
    for line in document.lines() {
        if line.starts_with("```") {
            inside = line == "```hex";
            if inside {
                blocks.push(Vec::new());
            }
        } else if let (true, Some(block)) = (inside, blocks.last_mut()) {
            let digits = line
                .split('#')
                .next()
                .unwrap_or_default()
                .split_whitespace();
            block.extend(digits.map(|byte| u8::from_str_radix(byte, 16).expect("two digits")));
        }
    }
    blocks
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(" ")
}

/// An hour of frames, as in the document.
fn summary() -> Summary {
    let mut summary = Summary::new();
    for frame in 0..3600_u32 {
        summary.observe(&match frame {
            0..12 => Assessment::blind(Cause::Missing),
            12..15 => Assessment::judged(State::Anomalous, 3.0, 1.0),
            _ => Assessment::judged(State::Normal, 0.3, 1.0),
        });
    }
    summary.lose(2);
    summary.took(81_500);
    summary
}

/// Broken by any change of the record format that leaves the document behind.
#[test]
fn report_examples_are_what_the_code_writes_and_reads() {
    let lane = Assessment::judged(State::Anomalous, 0.03125, 0.015625)
        .expecting(224.25)
        .after_training();
    let found = Assessment::judged(State::Anomalous, 0.75, 0.5);
    let reason = Reason::Score(Score::MaxAbsolute);
    let course = Course {
        age: 300,
        peak: 12.5,
        grade: Grade::Critical,
        acknowledged: false,
    };
    let records = [
        Record::Hello {
            detector: Name::new("rola"),
            variables: 9,
            warm_up: 7,
            sizes: [1440, 1440, 0],
            state_bytes: 300,
        },
        Record::Verdict {
            tick: Tick(611),
            vote_tick: Some(Tick(611)),
            lanes: 1,
            correlations: 1,
        },
        Record::Lane {
            variable: 2,
            outcome: Outcome::Confirmed,
            value: 220.5,
            answer: Answer::from(&lane),
        },
        Record::Correlation {
            a: 2,
            b: 3,
            r: 0.96875,
        },
        Record::Lane {
            variable: 0,
            outcome: Outcome::Quiet,
            value: f32::from_bits(0x7fc0_0000),
            answer: Answer::from(&Assessment::blind(Cause::Missing)),
        },
        Record::Hello {
            detector: Name::new("autoencoder"),
            variables: 300,
            warm_up: 7,
            sizes: [8, 2400, 0],
            state_bytes: 20_000,
        },
        Record::Assessment {
            tick: Tick(9000),
            answer: Answer::from(&found),
            reason: reason.code(),
            contributions: 1,
        },
        Record::Contribution {
            variable: 299,
            frame: 7,
            value: 81.0,
            expected: 62.5,
            error: 0.75,
        },
        Record::Alarm {
            tick: Tick(9300),
            notice: Notice {
                phase: Phase::Update,
                grade: Grade::Warning,
                severity: Some(8.5),
                threshold: 6.0,
                episode: Some(course),
                is_news: false,
                basis: Basis::Calibrated,
            },
            complaints: 1,
        },
        Record::Complaint {
            variable: 299,
            symptom: Symptom::Stuck,
            rows: 8,
        },
        Record::Finding {
            variable: 299,
            kind: Kind::Step,
            is_final: true,
            is_outside: false,
            jump: 7.5,
            shift: -3.0,
            run: 1,
            gaps: 0.25,
        },
        Record::Readings {
            tick: Tick(9300),
            variables: 11,
            first: 9,
            values: Values::new([21.5, f32::NAN]),
        },
        Record::Summary(summary()),
    ];
    let documented = examples(include_str!("../../docs/formats/report.md"));
    assert_eq!(documented.len(), records.len());
    for (record, example) in records.iter().zip(&documented) {
        let frame = record.frame();
        assert_eq!(hex(&frame), hex(example), "{record:?}");
        assert!(frame.len() <= RECORD_MAX);
        let back = Record::parse(example).expect("a record");
        assert_eq!(format!("{back:?}"), format!("{record:?}"));
    }
}

/// Broken by any change of the snapshot format that leaves the document behind.
#[test]
fn snapshot_example_is_what_the_code_writes_and_reads() {
    type Small = Rola<1, 4, 4>;
    let rules = Rules::new(Settings::DEFAULT).expect("defaults");
    let mut rola = Small::new();
    for (tick, value) in [(300, 21.5), (301, 22.0)] {
        rola.decide(&rules, Tick(tick), &[Reading::Value(value)]);
    }
    let mut buffer = [0; Small::SNAPSHOT_MAX];
    let used = rola.save(&rules, &mut buffer).expect("room");
    let documented = examples(include_str!("../../docs/formats/snapshot.md"));
    assert_eq!(hex(&buffer[..used]), hex(&documented[0]));
    let mut pieces = Vec::new();
    let mut store = |piece: &[u8]| {
        pieces.extend_from_slice(piece);
        Ok::<(), ()>(())
    };
    assert_eq!(rola.save_to(&rules, &mut store), Ok(used));
    assert_eq!(hex(&pieces), hex(&documented[0]));
    let mut restored = Small::new();
    let next = restored.restore(&rules, &documented[0]);
    assert_eq!(next, Ok(Tick(302)));
    for (tick, value) in (302..).zip([22.5, 22.0, 21.5, 22.0, 22.5, 23.0, 60.0, 22.5]) {
        let frame = [Reading::Value(value)];
        let want = rola.decide(&rules, Tick(tick), &frame).clone();
        assert_eq!(
            *restored.decide(&rules, Tick(tick), &frame),
            want,
            "tick {tick}"
        );
    }
}

/// Broken by any change of the sidecar that leaves its document behind. The numbers: one hidden
/// value 0.5·x0 - 0.25·x1 + 1, normalised as 2·(h - 0.5)/√(3.999 + 0.001) + 0.25.
#[test]
fn the_example_of_a_sidecar_is_read_as_it_is_explained() {
    let document = include_str!("../../docs/formats/model-sidecar.md");
    let text = document.split("```json\n").nth(1).unwrap();
    let text = text.split("```").next().unwrap();
    let numbers: [(&str, &[usize], &[f32]); 8] = [
        ("hidden/kernel", &[2, 1], &[0.5, -0.25]),
        ("hidden/bias", &[1], &[1.0]),
        ("norm/gamma", &[1], &[2.0]),
        ("norm/beta", &[1], &[0.25]),
        ("norm/mean", &[1], &[0.5]),
        ("norm/variance", &[1], &[3.999]),
        ("out/kernel", &[1, 2], &[3.0, -1.0]),
        ("out/bias", &[2], &[0.5, 0.0]),
    ];
    let bytes = numbers.map(|(name, shape, all)| {
        let bytes: Vec<u8> = all.iter().flat_map(|x| x.to_le_bytes()).collect();
        (name, shape.to_vec(), bytes)
    });
    let views = bytes.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (*name, view)
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    std::fs::write(path.with_extension("json"), text).unwrap();
    let imported = import::read(&path).unwrap();
    let features = imported.features.unwrap();
    assert_eq!((&*features[1].name, &*features[1].unit), ("fan", "rpm"));
    assert_eq!(imported.scales[0].mean, 45.0);
    assert_eq!(imported.window, Some(1));
    assert_eq!(imported.head, Some(Head::Reconstruction));
    assert_eq!(imported.training.unwrap()[..2], [0x9f, 0x86]);
    // Normalisation went into the first layer.
    assert_eq!(imported.net.layers.len(), 2);
    for x in [[1.0, 2.0], [-3.0, 1.0]] {
        let h: f64 = 0.5 * x[0] - 0.25 * x[1] + 1.0;
        let n = 2.0 * (h - 0.5) / 2.0 + 0.25;
        let n = if n > 0.0 { n } else { 0.1 * n };
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let wanted = [sigmoid(3.0 * n + 0.5), sigmoid(-n)];
        let found = imported.net.forward(&x.map(|x| x as f32));
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(
                (f64::from(*found) - wanted).abs() < 1e-6,
                "{found} {wanted}"
            );
        }
    }
}

/// Broken by any change of the model format that leaves the document behind.
#[test]
fn model_example_is_what_the_code_writes_and_reads() {
    let layer = DenseLayer {
        inputs: 1,
        outputs: 1,
        weights: vec![2],
        biases: vec![1],
        multipliers: vec![(1 << 30, 0)],
        output: QuantParams {
            scale: 0.5,
            zero_point: 0,
            wide: false,
        },
        activation: Activation::Linear,
        low: -128,
        high: 127,
        rounding: None,
        order: Order::Rows,
        wide_inputs: false,
    };
    let blob = Blob {
        rounding: Rounding::Single,
        head: Head::Reconstruction,
        features: vec![NamedFeature {
            name: "t".to_owned(),
            unit: "K".to_owned(),
        }],
        scales: vec![Scale {
            offset: 256.0,
            divisor: 2.0,
            mean: 257.0,
        }],
        window: 1,
        input: layer.output,
        layers: vec![layer.into()],
        thresholds: vec![Threshold::by_hand(Score::MeanAbsolute, 1.5)],
        saturation_limit: None,
        training: None,
        judging: Judging::default(),
    };
    let documented = examples(include_str!("../../docs/formats/model-blob.md"));
    assert_eq!(documented.len(), 2);
    let bytes = blob.to_bytes().expect("a model");
    assert_eq!(hex(&bytes), hex(&documented[0]));
    let stored = Stored::new(&documented[0]);
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = autoencoder::Rules::<4>::new(model).expect("calibrated");
    let mut detector = Autoencoder::new();
    // 258 K is 1, or 2 steps; (1 + 2·2) / 2 rounds to 3 steps: one step of 0.5 apart.
    let answer = detector.assess(&rules, [258.0]);
    assert_eq!(answer.score, Some(0.5));
    assert_eq!(detector.outputs(&rules), [3]);
}

/// 32 bytes from their digits.
fn bytes32(digits: &str) -> [u8; 32] {
    let byte = |k| u8::from_str_radix(&digits[2 * k..2 * k + 2], 16).expect("digits");
    std::array::from_fn(byte)
}

/// Both halves of the key are RFC 8032's, the signature is another implementation's.
#[test]
fn model_signature_is_what_another_implementation_makes() {
    let secret = bytes32("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let public = bytes32("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let documented = examples(include_str!("../../docs/formats/model-blob.md"));
    let signed = sign(&documented[0], &SigningKey::from_bytes(&secret)).expect("a model");
    assert_eq!((signed.len(), signed[25]), (260, 1));
    let stored = Stored::new(&signed);
    let model = Model::parse_signed(stored.bytes(), &public).expect("signed");
    let (signature, _) = model.signature().expect("signed");
    assert_eq!(hex(signature), hex(&documented[1]));
}

/// Broken by any change of the layout that leaves the document behind.
#[test]
fn slots_example_is_what_the_code_writes_and_reads() {
    type Flash = Nor<8, 128>;
    let flash = Flash::new(8);
    let model = &examples(include_str!("../../docs/formats/model-blob.md"))[0];
    for _ in 0..2 {
        let mapped = Stored::new(&flash.bytes());
        let booted = Slots::boot(&flash, 0, mapped.bytes(), Model::parse);
        let (mut slots, _) = booted.expect("a region");
        let mut incoming = slots.begin(model.len()).expect("room");
        incoming.write(model).expect("written");
        let mapped = Stored::new(&flash.bytes());
        incoming.finish(mapped.bytes(), Model::parse).expect("done");
        let mapped = Stored::new(&flash.bytes());
        let booted = Slots::boot(&flash, 0, mapped.bytes(), Model::parse);
        booted.expect("a region").0.confirm().expect("confirmed");
    }
    let (bytes, second) = (flash.bytes(), 4 * 128);
    let documented = examples(include_str!("../../docs/formats/slots.md"));
    assert_eq!(documented.len(), 1);
    assert_eq!(hex(&bytes[second..second + 128]), hex(&documented[0]));
    assert_eq!(bytes[second + 128..second + 128 + model.len()], **model);
    let mapped = Stored::new(&bytes);
    let booted = Slots::boot(&flash, 0, mapped.bytes(), Model::parse);
    let (mut slots, _) = booted.expect("a region");
    let wanted = SlotRecord {
        sequence: 1,
        length: 196,
        checksum: 0x5657_3164,
    };
    assert_eq!(slots.record(Slot::B), Some(wanted));
    assert_eq!(slots.running(), Some(Slot::B));
}

/// The same of what makes alarms.
#[test]
fn snapshot_examples_of_alarms_are_what_the_code_writes_and_reads() {
    let documented = examples(include_str!("../../docs/formats/snapshot.md"));
    let rules = ema::Rules::new(1, 2, 3).expect("in range");
    let (mut moving, mut restored) = (EmaThreshold::new(), EmaThreshold::new());
    for score in [1.0, 1.0] {
        let mut answer = Assessment::bare(State::Normal);
        answer.score = Some(score);
        moving.observe(rules, answer);
    }
    let mut buffer = [0; EmaThreshold::SNAPSHOT_MAX];
    let used = moving.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[1]));
    assert_eq!(restored.restore(&rules, &documented[1]), Ok(()));
    assert_eq!(restored, moving);
    let rules = k_of_n::Rules::new(2, 3).expect("in range");
    let (mut confirmation, mut restored) = (KOfN::new(), KOfN::new());
    for anomalous in [true, false, true] {
        confirmation.observe(rules, anomalous);
    }
    let mut buffer = [0; KOfN::SNAPSHOT_MAX];
    let used = confirmation.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[2]));
    assert_eq!(restored.restore(&rules, &documented[2]), Ok(()));
    assert_eq!(restored, confirmation);
}

/// Broken by any change of these formats that leaves the document behind.
#[test]
fn snapshot_examples_of_alarms_with_a_promise_are_what_the_code_writes_and_reads() {
    let documented = examples(include_str!("../../docs/formats/snapshot.md"));
    let settings = alarm::Settings {
        rows_per_day: Some(24),
        ..alarm::Settings::DEFAULT
    };
    let rules = alarm::Rules::<4>::new(settings).expect("in range");
    let (mut alarm, mut restored) = (alarm::Alarm::after_fit(99), alarm::Alarm::new());
    alarm.observe(&rules, Some(2.0));
    alarm.silence(5);
    let mut buffer = [0; 200];
    let used = alarm.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[3]));
    assert_eq!(restored.restore(&rules, &documented[3]), Ok(()));
    assert_eq!(restored, alarm);

    let rules = quantile::Rules::new(0.9, 10).expect("in range");
    let (mut moving, mut restored) = (QuantileThreshold::new(), QuantileThreshold::new());
    for score in [3.0, 1.0, 2.0, 5.0, 4.0, 6.0] {
        moving.learn(rules, score);
    }
    let used = moving.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[4]));
    assert_eq!(restored.restore(&rules, &documented[4]), Ok(()));
    assert_eq!(restored, moving);

    let settings = spot::Settings {
        risk: 0.01,
        level: 0.9,
        calibration: 40,
    };
    let rules = spot::Rules::<8>::new(settings).expect("in range");
    let (mut spot, mut restored) = (SpotThreshold::new(), SpotThreshold::new());
    for score in [3.0, 1.0] {
        spot.observe(&rules, Assessment::judged(State::Normal, score, 0.0));
    }
    let used = spot.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[5]));
    assert_eq!(restored.restore(&rules, &documented[5]), Ok(()));
    assert_eq!(restored, spot);
}
