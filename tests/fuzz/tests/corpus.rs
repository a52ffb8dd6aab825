//! The corpus, run as tests: what was found once stays mended.

use bellwether_fuzz::TARGETS;
use std::fs;
use std::path::Path;

/// Broken where a file of the corpus breaks a promise again, or is not run at all.
#[test]
fn every_file_of_the_corpus_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in TARGETS {
        let mut files = 0;
        for entry in fs::read_dir(corpus.join(target.name)).expect(target.name) {
            let path = entry.expect(target.name).path();
            let bytes = fs::read(&path).expect("readable");
            assert!(bytes.len() < 64 * 1024, "{}: too large", path.display());
            println!("{}", path.display());
            (target.run)(&bytes);
            files += 1;
        }
        assert!(files > 0, "{}: no files", target.name);
    }
    let folders = fs::read_dir(corpus).expect("the corpus").count();
    assert_eq!(folders, TARGETS.len(), "a folder without a target");
}
