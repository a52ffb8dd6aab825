//! The worked examples of `docs/`, against what the code writes and reads.

use bellwether::autoencoder::{Autoencoder, AutoencoderRules};
use bellwether::confirm::{Confirm, Confirmation};
use bellwether::model::{Activation, Grid, Head, Order, Rounding, Scale, Score, Threshold};
use bellwether::moving::{Moving, MovingThreshold};
use bellwether::report::{Outcome, RECORD_MAX, Record};
use bellwether::{Assessment, Cause, Ensemble, Model, Reading, Settings, Snapshot, State, Tick};
use bellwether_sim::model::{Blob, DenseLayer, Judging, NamedFeature, Stored};

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

/// Broken by any change of the record format that leaves the document behind.
#[test]
fn report_examples_are_what_the_code_writes_and_reads() {
    let records = [
        Record::Verdict {
            tick: Tick(611),
            lanes: 1,
            correlations: 1,
        },
        Record::Lane {
            variable: 2,
            outcome: Outcome::Confirmed,
            value: 220.5,
            assessment: Assessment {
                state: State::Anomalous,
                expected: Some(224.25),
                score: Some(0.03125),
                threshold: Some(0.015625),
                trained: true,
            },
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
            assessment: Assessment::blind(Cause::Missing),
        },
        Record::Hello {
            variables: 9,
            window: 1440,
            history: 1440,
            state_bytes: 300,
        },
    ];
    let documented = examples(include_str!("../../docs/report.md"));
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
    type Small = Ensemble<1, 4, 4>;
    let rules = Small::rules(Settings::DEFAULT).expect("defaults");
    let mut rola = Small::new();
    for (tick, value) in [(300, 21.5), (301, 22.0)] {
        rola.observe(&rules, Tick(tick), &[Reading::Value(value)]);
    }
    let mut buffer = [0; Small::SNAPSHOT_MAX];
    let used = rola.save(&rules, &mut buffer).expect("room");
    let documented = examples(include_str!("../../docs/snapshot.md"));
    assert_eq!(documented.len(), 3);
    assert_eq!(hex(&buffer[..used]), hex(&documented[0]));
    let mut restored = Small::new();
    restored
        .restore(&rules, &documented[0])
        .expect("a snapshot");
    for (tick, value) in (302..).zip([22.5, 22.0, 21.5, 22.0, 22.5, 23.0, 60.0, 22.5]) {
        let frame = [Reading::Value(value)];
        let want = *rola.observe(&rules, Tick(tick), &frame);
        assert_eq!(
            *restored.observe(&rules, Tick(tick), &frame),
            want,
            "tick {tick}"
        );
    }
}

/// The same of what makes alarms.
#[test]
fn snapshot_examples_of_alarms_are_what_the_code_writes_and_reads() {
    let documented = examples(include_str!("../../docs/snapshot.md"));
    let rules = Moving::new(1, 2, 3).expect("in range");
    let (mut moving, mut restored) = (MovingThreshold::new(), MovingThreshold::new());
    for score in [1.0, 1.0] {
        let score = Some(score);
        let normal = Assessment::bare(State::Normal);
        moving.observe(rules, Assessment { score, ..normal });
    }
    let mut buffer = [0; MovingThreshold::SNAPSHOT_MAX];
    let used = moving.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[1]));
    assert_eq!(restored.restore(&rules, &documented[1]), Ok(()));
    assert_eq!(restored, moving);
    let rules = Confirm::new(2, 3).expect("in range");
    let (mut confirmation, mut restored) = (Confirmation::new(), Confirmation::new());
    for anomalous in [true, false, true] {
        confirmation.observe(rules, anomalous);
    }
    let mut buffer = [0; Confirmation::SNAPSHOT_MAX];
    let used = confirmation.save(&rules, &mut buffer).expect("room");
    assert_eq!(hex(&buffer[..used]), hex(&documented[2]));
    assert_eq!(restored.restore(&rules, &documented[2]), Ok(()));
    assert_eq!(restored, confirmation);
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
        output: Grid {
            scale: 0.5,
            zero_point: 0,
            wide: false,
        },
        activation: Activation::Linear,
        low: -128,
        high: 127,
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
        outside_limit: None,
        training: None,
        judging: Judging::default(),
    };
    let documented = examples(include_str!("../../docs/model-blob.md"));
    assert_eq!(documented.len(), 1);
    let bytes = blob.to_bytes().expect("a model");
    assert_eq!(hex(&bytes), hex(&documented[0]));
    let stored = Stored::new(&documented[0]);
    let model = Model::parse(stored.bytes()).expect("a model");
    let rules = AutoencoderRules::<4>::new(model).expect("calibrated");
    let mut detector = Autoencoder::new();
    // 258 K is 1, or 2 steps; (1 + 2·2) / 2 rounds to 3 steps: one step of 0.5 apart.
    let answer = detector.observe(&rules, &[258.0]);
    assert_eq!(answer.score, Some(0.5));
    assert_eq!(detector.outputs(&rules), [3]);
}
