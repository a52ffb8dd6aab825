//! Writes `core/src/detector/repad2/predictor/tabulated_curves.rs` to standard output by training the real
//! network on a grid: `cargo run -p bellwether-conformance --bin curves > ...`.

fn main() {
    print!("{}", bellwether_conformance::curves::source());
}
