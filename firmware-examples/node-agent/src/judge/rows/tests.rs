use super::*;

const V: usize = 3;

fn row(n: u32) -> [f32; V] {
    [n as f32, -1.0, if n.is_multiple_of(3) { f32::NAN } else { 0.5 }]
}

fn all(mut stored: Stored) -> Vec<f32> {
    let mut frame = [Reading::Absent(Cause::Missing); V];
    (0..stored.count())
        .map(|n| {
            stored.read(n, &mut frame);
            frame[0].to_f32()
        })
        .collect()
}

/// Broken if a restart loses rows, takes a torn one over, or mixes rows of other sensors.
#[test]
fn a_file_outlives_a_restart_without_its_torn_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rows");
    let (mut ring, found) = Ring::open(&path, 7, V, 5).unwrap();
    assert_eq!(found, 0);
    for n in 1..=7 {
        ring.push(&row(n), n == 6).unwrap();
    }
    assert_eq!(all(ring.last(9, true)), [3.0, 4.0, 5.0, 6.0, 7.0]);
    assert_eq!(all(ring.last(2, false)), [5.0, 7.0]);
    drop(ring);
    // The place of row 4 is torn.
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[9], HEADER + 3 * 20 + 9).unwrap();
    let (mut ring, found) = Ring::open(&path, 7, V, 5).unwrap();
    assert_eq!((found, ring.normal()), (4, 3));
    assert_eq!(all(ring.last(9, true)), [3.0, 5.0, 6.0, 7.0]);
    ring.push(&row(8), false).unwrap();
    assert_eq!(all(ring.last(9, true)), [5.0, 6.0, 7.0, 8.0]);
    drop(ring);
    let (_, found) = Ring::open(&path, 8, V, 5).unwrap();
    assert_eq!(found, 0, "of other sensors");
}

/// Broken if bytes of a hostile file become rows, or a panic.
#[test]
fn any_bytes_in_the_file_are_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.rows");
    for length in [0, 1, 31, 32, 33, 132, 10_000] {
        for byte in [0, 0xff, 0x42] {
            std::fs::write(&path, vec![byte; length]).unwrap();
            let (mut ring, found) = Ring::open(&path, 7, V, 5).unwrap();
            assert_eq!(found, 0);
            ring.push(&row(1), false).unwrap();
            assert_eq!(all(ring.last(9, false)), [1.0]);
        }
    }
    let (mut ring, _) = Ring::open(&path, 7, V, 5).unwrap();
    ring.push(&row(1), false).unwrap();
    drop(ring);
    let whole = std::fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x80;
        std::fs::write(&path, bytes).unwrap();
        let (ring, found) = Ring::open(&path, 7, V, 5).unwrap();
        assert_eq!(found, all(ring.last(9, true)).len(), "byte {place}");
    }
}

/// Broken if rows in memory and in a file differ.
#[test]
fn memory_is_as_a_file() {
    let mut ring = Ring::in_memory(V, 4);
    for n in 1..=9 {
        ring.push(&row(n), n == 8).unwrap();
    }
    assert_eq!(all(ring.last(9, true)), [6.0, 7.0, 8.0, 9.0]);
    assert_eq!(all(ring.last(9, false)), [6.0, 7.0, 9.0]);
}
