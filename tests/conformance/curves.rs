//! The committed table is what the generator writes.

#[test]
fn the_committed_curves_are_freshly_trained_ones() {
    let committed = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../core/src/detector/repad2/predictor/tabulated_curves.rs"
    ));
    assert_eq!(committed, bellwether_conformance::curves::source());
}
