//! Files of the corpus with random changes, for the readers of recordings: a short fuzz without a
//! fuzzer. `BELLWETHER_MUTATIONS` is the number of files per target.

use bellwether::rng::split_mix;
use bellwether_fuzz::TARGETS;
use std::fs;
use std::path::Path;

/// Pieces that readers of recordings look for.
const PIECES: [&str; 24] = [
    ",",
    ";",
    "\n",
    "\"",
    "\t",
    "-1",
    "NaN",
    "1e999",
    "timestamp",
    "label",
    "2026-03-01T00:00:00Z",
    "{",
    "}",
    "[",
    "]",
    ":",
    "#",
    "sep=;\n",
    "N/A",
    "\u{feff}",
    " 10",
    "=",
    "9999999999999",
    "é",
];

/// Broken by a panic of a reader on a file that differs from a good one in a few places.
#[test]
fn changed_files_are_read_or_refused() {
    let count = std::env::var("BELLWETHER_MUTATIONS").ok();
    let count: u64 = count.and_then(|text| text.parse().ok()).unwrap_or(200);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in TARGETS
        .iter()
        .filter(|target| ["table", "json", "influx", "sheet", "time"].contains(&target.name))
    {
        let folder = fs::read_dir(corpus.join(target.name)).expect(target.name);
        let mut paths: Vec<_> = folder
            .map(|entry| entry.expect(target.name).path())
            .collect();
        paths.sort();
        let files: Vec<Vec<u8>> = paths
            .iter()
            .map(|path| fs::read(path).expect("readable"))
            .collect();
        for k in 0..count {
            let draw = |n: u64| split_mix(7, 64 * k + n);
            let below = |n: u64, limit: usize| (draw(n) % limit.max(1) as u64) as usize;
            let mut bytes = files[below(0, files.len())].clone();
            for change in 0..1 + draw(1) % 6 {
                let (n, at) = (8 * change + 2, below(8 * change + 3, bytes.len()));
                match draw(n) % 5 {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at, draw(n + 2) as u8),
                    2 => bytes
                        .splice(at..at, PIECES[below(n + 2, PIECES.len())].bytes())
                        .for_each(drop),
                    3 if at < bytes.len() => bytes[at] = draw(n + 2) as u8,
                    _ => {
                        let end = (at + below(n + 2, 20)).min(bytes.len());
                        let part = bytes[at.min(end)..end].to_vec();
                        bytes.splice(at..at, part).for_each(drop);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let run = std::panic::catch_unwind(|| (target.run)(&bytes));
            assert!(
                run.is_ok(),
                "{}: {:?}",
                target.name,
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}
