//! Bytes of state, and of a fit.

use crate::node::fit::Work;
use crate::node::{Node, Wide};
use crate::quartet::Shape;
use crate::{Detector, Snapshot, node_of};

/// Broken by a matrix of all variables.
#[test]
fn wide_nodes_are_small() {
    const {
        assert!(Node::<Wide<84>, 84>::STATE_BYTES <= 6_500);
        assert!(Node::<Wide<500>, 500>::STATE_BYTES <= 25_000);
        assert!(Node::<Wide<84>, 84>::SNAPSHOT_MAX < 7_000);
        assert!(size_of::<Work<84>>() <= 84 * 80);
        assert!(size_of::<Work<500>>() <= 500 * 80);
    }
    let sizes = [
        Node::<Wide<19>, 19>::STATE_BYTES,
        Node::<Wide<38>, 38>::STATE_BYTES,
        Node::<Wide<84>, 84>::STATE_BYTES,
        Node::<Wide<166>, 166>::STATE_BYTES,
        Node::<Wide<500>, 500>::STATE_BYTES,
    ];
    assert_eq!(sizes, [3_560, 4_400, 6_424, 10_032, 24_728]);
    let tiny = [
        <node_of!(Shape::tiny(19))>::STATE_BYTES,
        <node_of!(Shape::tiny(38))>::STATE_BYTES,
        <node_of!(Shape::tiny(84))>::STATE_BYTES,
        <node_of!(Shape::tiny(166))>::STATE_BYTES,
        <node_of!(Shape::tiny(500))>::STATE_BYTES,
    ];
    assert_eq!(tiny, [4_000, 8_984, 27_016, 80_152, 574_472]);
}
