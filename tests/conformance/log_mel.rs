//! Log-mel frames against librosa (tests/golden/signal/logmel.py), and from samples to ad01's score.

use bellwether::Model;
use bellwether::autoencoder::{Autoencoder, Rules, Settings};
use bellwether::model::{Rounding, Score, Threshold};
use bellwether::signal::LogMel;
use bellwether::signal::log_mel::{BANDS, HOP, RATE};
use std::f64::consts::PI;

const FRAMES: usize = 5;
const TONES: [(f64, f64); 5] = [
    (120.0, 1.0),
    (440.0, 0.7),
    (1234.5, 0.5),
    (3000.0, 0.3),
    (6789.0, 0.2),
];

type Frames = [[f32; BANDS]; FRAMES];

/// A sound of the golden, and librosa's frames in f64.
struct Case {
    seed: u32,
    /// Amplitudes of tones, chirp and noise.
    amplitudes: [f64; 3],
    wanted: Vec<f64>,
}

impl Case {
    /// The samples, as in the script: PCM of 16 bits.
    fn samples(&self) -> impl Iterator<Item = f32> {
        let [tones, chirp, noise] = self.amplitudes;
        let mut state = self.seed;
        (0..(FRAMES + 1) * HOP).map(move |n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let t = n as f64 / f64::from(RATE);
            let mut x = noise * (f64::from(state >> 8) / f64::from(1 << 23) - 1.0);
            x += chirp * (2.0 * PI * (100.0 * t + 18_000.0 * t * t)).sin();
            for (frequency, share) in TONES {
                x += tones * share * (2.0 * PI * frequency * t).sin();
            }
            ((x * 32_768.0 + 0.5).floor() / 32_768.0) as f32
        })
    }

    fn found(&self) -> Frames {
        let mut sound = LogMel::<FRAMES>::new();
        let mut answer = None;
        for x in self.samples() {
            answer = answer.or(sound.push(x).map(|frames| *frames.expect("finite samples")));
        }
        answer.expect("an answer with the last sample")
    }
}

fn cases() -> Vec<Case> {
    let path = format!("{}/golden/signal/logmel.csv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a golden");
    let rows = text.lines().skip(1).map(|line| {
        let row = line.split(',').map(|x| x.parse().expect("a number"));
        row.collect::<Vec<f64>>()
    });
    let rows: Vec<Vec<f64>> = rows.collect();
    let case = |rows: &[Vec<f64>]| Case {
        seed: rows[0][0] as u32,
        amplitudes: [rows[0][1], rows[0][2], rows[0][3]],
        wanted: rows.iter().flat_map(|row| row[5..].to_vec()).collect(),
    };
    rows.chunks(FRAMES).map(case).collect()
}

/// Decibels below the strongest band of the frame, and the largest difference from librosa up to there. The
/// transform in f32 rounds every bin by a share of the strongest: docs/guide/signals.md.
const BOUNDS: [(f64, f64); 7] = [
    (35.0, 1e-5),
    (40.0, 3e-5),
    (45.0, 6e-5),
    (50.0, 1.5e-4),
    (60.0, 2e-4),
    (70.0, 5e-4),
    (120.0, 6e-2),
];

fn apart(found: f32, wanted: f64) -> f64 {
    (f64::from(found) - wanted).abs()
}

/// Tones, a chirp and noise together, faint noise, and loud noise. Broken by any other window, scale of mel,
/// weight, epsilon or order of frames.
#[test]
fn bands_of_tones_a_chirp_and_noise_are_within_1e_4_of_librosas() {
    let mut compared = 0;
    for case in cases() {
        if ![1, 4, 5].contains(&case.seed) {
            continue;
        }
        for (found, wanted) in case.found().as_flattened().iter().zip(&case.wanted) {
            assert!(apart(*found, *wanted) < 1e-4, "{found} {wanted}");
            compared += 1;
        }
    }
    assert_eq!(compared, 3 * FRAMES * BANDS);
}

/// Broken by a transform that is less exact.
#[test]
fn weak_bands_are_as_exact_as_documented() {
    let mut compared = 0;
    for case in cases() {
        for (found, wanted) in case.found().iter().zip(case.wanted.chunks(BANDS)) {
            let strongest = wanted.iter().copied().fold(f64::MIN, f64::max);
            for (found, wanted) in found.iter().zip(wanted) {
                let below = strongest - wanted;
                let (_, bound) = BOUNDS
                    .into_iter()
                    .find(|(limit, _)| below <= *limit)
                    .expect("within 120 dB");
                let apart = apart(*found, *wanted);
                assert!(
                    apart < bound,
                    "sound {}, {below:.1} dB below: {apart:.1e}",
                    case.seed
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 6 * FRAMES * BANDS);
}

/// MLPerf Tiny's network of 8 bits on our frames and on librosa's. Broken by frames in another order or scale.
#[test]
fn from_samples_to_the_score_of_ad01() {
    let Some(stored) = crate::autoencoder::ad01(Rounding::Single) else {
        return;
    };
    let model = Model::parse(stored.bytes()).expect("a model");
    let threshold = Some(Threshold::by_hand(Score::MeanSquare, f32::MAX));
    let rules = Rules::<768>::new(Settings { model, threshold }).expect("fits");
    let score = |window: &[f32]| {
        let answer = Autoencoder::new().assess(&rules, window);
        f64::from(answer.score.expect("a score"))
    };
    for case in cases() {
        let found = case.found();
        let wanted: Vec<f32> = case.wanted.iter().map(|x| *x as f32).collect();
        let (ours, theirs) = (score(found.as_flattened()), score(&wanted));
        // Of pure tones, bands 120 dB below the strongest fall on other steps of the grid of inputs.
        let bound = if case.seed == 6 { 1e-2 } else { 1e-6 };
        assert!(
            (ours - theirs).abs() <= bound * theirs,
            "sound {}: {ours} {theirs}",
            case.seed
        );
    }
}
