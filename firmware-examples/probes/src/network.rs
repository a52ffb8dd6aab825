//! Probe `network`: a model over vectors, both put in when the program is built.

use crate::counting::{begin, counted, end};
use crate::stack;
use bellwether::autoencoder::{Autoencoder, Rules, Settings};
use bellwether::model::Threshold;
use bellwether::network::{Activations, Network};
use bellwether::testing::digest_of_bytes;
use bellwether::{Assessment, Detector, Model};
use bellwether_firmware::console::{fail, finish};
use core::hint::black_box;
use semihosting::println;

fn digest(values: &[i16]) -> u32 {
    digest_of_bytes(values.iter().flat_map(|q| q.to_le_bytes()))
}

#[inline(never)]
fn infer<'a, const N: usize>(
    network: &Network<'_, N>,
    activations: &'a mut Activations<N>,
) -> &'a [i16] {
    network.run(activations)
}

#[inline(never)]
fn assess<const N: usize>(
    detector: &mut Autoencoder<N>,
    rules: &Rules<'_, N>,
    inputs: &[f32],
) -> Assessment {
    detector.assess(rules, inputs)
}

/// Prints, for each vector of int8 inputs, a digest of every layer's outputs and of the network's;
/// layers and inference are counted. A head with scores also gives a judgement by the last of them.
/// Stack, state and buffers come last.
pub fn run<const N: usize>(
    model: &[u8],
    vectors: &[u8],
    detector: &mut Autoencoder<N>,
    activations: &mut Activations<N>,
) -> ! {
    let Ok(model) = Model::parse(model) else {
        fail("no model, or a damaged one")
    };
    let Ok(network) = Network::<N>::new(model) else {
        fail("the model's room is N")
    };
    let grid = model.input_grid();
    let judged = model.head().scores().last().and_then(|score| {
        let never = Threshold::by_hand(*score, f32::MAX);
        let rules = Rules::new(Settings {
            model,
            threshold: Some(never),
        });
        let rules = rules.ok()?;
        Some((rules, *score))
    });
    let mut inputs = [0.0; N];
    for (k, vector) in vectors.chunks_exact(model.inputs()).enumerate() {
        let enter = |activations: &mut Activations<N>| {
            for (place, q) in activations.inputs().iter_mut().zip(vector) {
                *place = q.cast_signed().into();
            }
        };
        enter(activations);
        begin();
        network.run_layers(activations, |layer, outputs| {
            end();
            println!(
                "counted layer vector={k} layer={layer} digest={:08x}",
                digest(outputs)
            );
            begin();
        });
        enter(activations);
        let outputs = counted(|| infer(&network, black_box(activations)));
        println!(
            "counted inference vector={k} digest={:08x}",
            digest(outputs)
        );
        let Some((rules, kind)) = &judged else {
            continue;
        };
        for (place, (x, q)) in inputs.iter_mut().zip(vector).enumerate() {
            let scale = model.scale(place % model.feature_count().max(1));
            *x = scale.invert(grid.real(q.cast_signed().into()));
        }
        let inputs = &inputs[..model.inputs()];
        counted(|| assess(detector, rules, black_box(inputs)));
        let (outputs, score) = (detector.outputs(rules), detector.scores().get(*kind));
        let (digest, score) = (digest(outputs), score.to_bits());
        println!("counted observe vector={k} digest={digest:08x} score={score:08x}");
    }
    let depth = stack::used_by(|| infer(&network, black_box(activations)).len());
    println!("stack bytes={depth}");
    if let Some((rules, _)) = &judged {
        let inputs = &inputs[..model.inputs()];
        let depth = stack::used_by(|| assess(detector, rules, black_box(inputs)));
        println!("observe.stack bytes={depth}");
        println!("state bytes={}", Autoencoder::<N>::STATE_BYTES);
    }
    println!("buffers bytes={}", size_of::<Activations<N>>());
    finish()
}
