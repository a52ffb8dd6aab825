//! Shows: a trained network in flash, used where it lies: its outputs, instructions and stack.
//! Run: `cargo verify ad01` packs a model, builds this with it and runs it. By hand:
//! `BELLWETHER_MODEL=/tmp/net.bwm BELLWETHER_VECTORS=/tmp/net.i8 cargo build --features network`
//! Expected: the outputs of `bellwether model run` on the host, as digests.
#![no_std]
#![no_main]

use bellwether::Autoencoder;
use bellwether::model::{Aligned, arena_len};
use bellwether::network::Activations;
use bellwether_probes::network;
use board::entry;

static MODEL: &Aligned<[u8]> = &Aligned(*include_bytes!(env!("BELLWETHER_MODEL")));
static VECTORS: &[u8] = include_bytes!(env!("BELLWETHER_VECTORS"));
const N: usize = arena_len(&MODEL.0);

#[entry]
fn main() -> ! {
    static mut DETECTOR: Autoencoder<N> = Autoencoder::new();
    static mut ACTIVATIONS: Activations<N> = Activations::new();
    network::run(&MODEL.0, VECTORS, DETECTOR, ACTIVATIONS)
}
