//! Writes files for the fuzzer to begin with: `seeds FOLDER` makes a folder per target in it.

use bellwether::alarm::{Basis, Grade, Phase};
use bellwether::health::Symptom;
use bellwether::kind::Kind;
use bellwether::model::{Head, Rounding, Threshold};
use bellwether::report::{Answer, Course, Detail, Name, Notice, Outcome, Record, Values};
use bellwether::threshold::ema;
use bellwether::vote::k_of_n;
use bellwether::{Assessment, Cause, Reading, State, Summary, Tick};
use bellwether_conformance::kinds::{cell, conv, dense, net, quantised, rows};
use bellwether_conformance::network;
use bellwether_conformance::numbers::Numbers;
use bellwether_fuzz::restored::{self, KINDS};
use bellwether_hal::source::stream::{FRAME_MAX, Opening, encode};
use bellwether_sim::model::float::{FloatLayer, Function};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::quantise::Settings;
use bellwether_sim::model::{Blob, BlobLayer, Judging};
use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).expect("usage: seeds FOLDER");
    let folder = PathBuf::from(folder);
    write(&folder, "model", models())?;
    write(&folder, "snapshot", snapshots())?;
    write(&folder, "record", records())?;
    write(&folder, "stream", vec![stream()])?;
    for kind in ["tflite", "onnx", "safetensors"] {
        write(&folder, kind, files(kind)?)?;
    }
    Ok(())
}

fn write(folder: &Path, target: &str, seeds: Vec<Vec<u8>>) -> Result<()> {
    let folder = folder.join(target);
    fs::create_dir_all(&folder)?;
    for (k, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{k}")), seed)?;
    }
    Ok(())
}

/// One of every kind of layer, of every head, and of what else a model may hold.
fn models() -> Vec<Vec<u8>> {
    let n = &mut Numbers(7);
    let leaky = Function::LeakyRelu(0.1);
    let clamp = Function::Clamp(-0.5, 0.5);
    let nets: [Vec<FloatLayer>; 6] = [
        vec![
            dense(n, 3, 5, Function::Relu),
            dense(n, 5, 3, Function::Linear),
        ],
        vec![dense(n, 4, 3, Function::Tanh), dense(n, 3, 4, leaky)],
        vec![conv(n, (4, 2, 3), (3, 1, 1, 1), clamp)],
        vec![
            cell(n, (3, 2, 3), true, false),
            cell(n, (3, 3, 2), false, true),
        ],
        vec![cell(n, (3, 2, 2), true, true)],
        vec![conv(n, (5, 1, 2), (2, 2, 0, 0), Function::Sigmoid)],
    ];
    let nets = nets.into_iter().enumerate();
    let blobs = nets.map(|(k, layers)| {
        let net = net(layers);
        let rows = rows(n, net.inputs, 4);
        let settings = Settings {
            per_channel: k % 2 == 1,
            one_grid: net.inputs == net.outputs(),
            ..Settings::default()
        };
        let quantised = quantised(&net, &rows, &settings);
        let layers = quantised.layers.into_iter();
        Blob {
            rounding: Rounding::ALL[k % 3],
            head: Head::Outputs,
            features: Variables::numbered(net.inputs).features,
            scales: Vec::new(),
            window: 1,
            input: quantised.input,
            layers: if k % 2 == 0 {
                layers.map(BlobLayer::in_tiles).collect()
            } else {
                layers.collect()
            },
            thresholds: Vec::new(),
            saturation_limit: None,
            training: None,
            judging: Judging::default(),
        }
    });
    let blobs = blobs.chain([network::blob()]).chain(heads());
    blobs
        .map(|blob| blob.to_bytes().expect("a model"))
        .collect()
}

/// The same small network under each head.
fn heads() -> [Blob; 4] {
    let with = |head: Head, outputs, judging| {
        let mut blob = network::blob();
        blob.layers[1] = network::layer(1, outputs).into();
        (blob.head, blob.judging) = (head, judging);
        blob.thresholds = vec![Threshold {
            score: *head.scores().last().expect("it has scores"),
            value: 0.5,
            quantile: 0.9,
            rows: 10,
        }];
        blob
    };
    let moving = Judging {
        confirm: k_of_n::Rules::new(2, 3).ok(),
        moving: ema::Rules::new(3, 5, 9).ok(),
        ..Judging::default()
    };
    let likely = Judging {
        variances: Some((0.1, 2.0)),
        ..Judging::default()
    };
    let centre = Judging {
        centre: vec![0.5, -1.0, 2.0],
        ..Judging::default()
    };
    [
        with(Head::Reconstruction, 2, moving),
        with(Head::Likelihood, 4, likely),
        with(Head::Distance, 3, centre),
        with(Head::Logit, 1, Judging::default()),
    ]
}

/// Bodies of every kind after some inputs.
fn snapshots() -> Vec<Vec<u8>> {
    let seeds = (0..KINDS).flat_map(|kind| [0, 5, 40].map(|inputs| restored::seed(kind, inputs)));
    seeds.collect()
}

/// One of every kind.
fn records() -> Vec<Vec<u8>> {
    let mut assessment = Assessment::bare(State::Anomalous);
    assessment.score = Some(1.5);
    let answer = Answer::from(&assessment);
    let course = Course {
        age: 300,
        peak: 12.5,
        grade: Grade::Critical,
        acknowledged: false,
    };
    let notice = Notice {
        phase: Phase::Update,
        grade: Grade::Warning,
        severity: Some(8.5),
        threshold: 6.0,
        episode: Some(course),
        is_news: false,
        basis: Basis::Calibrated,
    };
    let all = [
        Record::Hello {
            detector: Name::new("rola"),
            variables: 3,
            warm_up: 7,
            sizes: [240, 240, 0],
            state_bytes: 5000,
        },
        Record::Verdict {
            tick: Tick(1 << 40),
            vote_tick: Some(Tick(1 << 40)),
            lanes: 2,
            correlations: 1,
        },
        Record::Lane {
            variable: 1,
            outcome: Outcome::Local,
            value: 3.5,
            answer,
        },
        Record::Correlation {
            a: 0,
            b: 1,
            r: -0.5,
        },
        Record::Assessment {
            tick: Tick(9000),
            answer,
            reason: 3,
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
            tick: Tick(9000),
            notice,
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
    all.iter().map(|record| record.frame().to_vec()).collect()
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

fn stream() -> Vec<u8> {
    let opening = Opening {
        variables: 2,
        detail: Detail::Flagged,
    };
    let mut bytes = opening.to_bytes().to_vec();
    for k in 0..3 {
        let frame = [Reading::from(k as f32), Reading::from(f32::NAN)];
        bytes.extend_from_slice(encode(Tick(k), &frame, &mut [0; FRAME_MAX]));
    }
    bytes
}

/// The networks of the importers' tests.
fn files(kind: &str) -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/import");
    let mut seeds = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            let file = fs::read(&path)?;
            seeds.push(if kind == "safetensors" {
                let sidecar = fs::read(path.with_extension("json"))?;
                [&(sidecar.len() as u16).to_le_bytes()[..], &sidecar, &file].concat()
            } else {
                file
            });
        }
    }
    Ok(seeds)
}
