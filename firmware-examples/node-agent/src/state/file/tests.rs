use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("state")).expect("writable");
    (folder, store)
}

fn header(generation: u64) -> Header {
    Header {
        generation,
        record: 2 * generation,
        samples: 3 * generation,
        saved_ms: 4 * generation,
    }
}

/// The content that a start takes, and the lines it tells.
fn loaded(store: &Store) -> (Option<Vec<u8>>, Vec<String>) {
    let (mut told, mut taken) = (Vec::new(), None);
    let found = store.load(&mut told, |_, content| {
        taken = Some(content.to_vec());
        Ok(())
    });
    assert_eq!(found.is_some(), taken.is_some());
    (taken, told)
}

/// Broken if the older of two states were taken, or a number of the header changed on the way.
#[test]
fn the_newest_of_two_generations_is_taken() {
    let (_folder, store) = store();
    assert_eq!(loaded(&store), (None, vec![]));
    for generation in 1..=3 {
        store
            .save(&header(generation), &[generation as u8; 9])
            .expect("saved");
    }
    assert_eq!(loaded(&store), (Some(vec![3; 9]), vec![]));
    assert_eq!(store.load(&mut Vec::new(), |_, _| Ok(())), Some(header(3)));
    fs::remove_file(store.folder().join(NEWEST)).expect("there");
    assert_eq!(loaded(&store), (Some(vec![2; 9]), vec![]), "the one before");
}

/// Broken if any damage to any byte went unseen.
#[test]
fn every_damaged_byte_and_every_cut_is_seen() {
    let mut bytes = head(&header(1), 20);
    bytes.extend([7; 20]);
    bytes.extend(CRC.checksum(&bytes).to_le_bytes());
    assert_eq!(check(&bytes).expect("whole"), header(1));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            assert!(check(&damaged).is_err(), "byte {at}, bit {bit}");
        }
        assert!(check(&bytes[..at]).is_err(), "cut at {at}");
    }
    bytes.push(0);
    assert!(check(&bytes).is_err(), "one more");
}

/// Broken if a damaged state stopped the start, was taken, lost, or kept without bound.
#[test]
fn damaged_states_are_set_aside_and_the_older_is_taken() {
    let (_folder, store) = store();
    for round in 0..5_u8 {
        for generation in 1..=2 {
            store.save(&header(generation), &[round; 9]).expect("saved");
        }
        let newest = store.folder().join(NEWEST);
        let mut bytes = fs::read(&newest).expect("there");
        bytes[60] ^= 1;
        fs::write(&newest, &bytes).expect("written");
        let (taken, told) = loaded(&store);
        assert_eq!(taken, Some(vec![round; 9]));
        assert!(
            told.len() == 1 && told[0].contains("checksum is wrong; set aside as"),
            "{told:?}"
        );
    }
    let names = fs::read_dir(store.folder()).expect("a folder").count();
    assert_eq!(names, KEPT + 1, "three damaged and the older state");
    fs::write(store.folder().join(BEFORE), b"x").expect("written");
    let (taken, told) = loaded(&store);
    assert_eq!((taken, told.len()), (None, 1), "fresh");
}

/// Broken if a whole state that the judgement refuses stopped the start.
#[test]
fn refused_states_are_set_aside() {
    let (_folder, store) = store();
    store.save(&header(1), b"good").expect("saved");
    store.save(&header(2), b"bad").expect("saved");
    let mut told = Vec::new();
    let found = store.load(&mut told, |_, content| {
        ensure!(content == b"good", "of another world");
        Ok(())
    });
    assert_eq!(found, Some(header(1)));
    assert!(told[0].contains("of another world; set aside"), "{told:?}");
}

/// Broken if a save that was cut short were told as damage or taken.
#[test]
fn a_save_that_was_cut_short_is_nothing() {
    let (_folder, store) = store();
    store.save(&header(1), b"one").expect("saved");
    let whole = fs::read(store.folder().join(NEWEST)).expect("there");
    for cut in 0..whole.len() {
        fs::write(store.folder().join(FRESH), &whole[..cut]).expect("written");
        assert_eq!(
            loaded(&store),
            (Some(b"one".to_vec()), vec![]),
            "cut at {cut}"
        );
    }
    // Between the two renames.
    store.save(&header(2), b"two").expect("saved");
    fs::rename(store.folder().join(NEWEST), store.folder().join(FRESH)).expect("renamed");
    assert_eq!(loaded(&store), (Some(b"two".to_vec()), vec![]));
}

/// Broken if a state that a stranger could have written were believed.
#[test]
fn states_of_strangers_are_refused() {
    let (folder, store) = store();
    store.save(&header(1), b"one").expect("saved");
    let newest = store.folder().join(NEWEST);
    fs::set_permissions(&newest, fs::Permissions::from_mode(0o666)).expect("allowed");
    let (taken, told) = loaded(&store);
    assert!(
        taken.is_none() && told[0].contains("chmod go-w"),
        "{told:?}"
    );
    let real = folder.path().join("real");
    fs::write(&real, b"x").expect("written");
    symlink(&real, &newest).expect("a link");
    let (taken, told) = loaded(&store);
    assert!(taken.is_none() && told.len() == 1, "{told:?}");
    assert!(real.exists());
    fs::set_permissions(store.folder(), fs::Permissions::from_mode(0o777)).expect("allowed");
    let error = Store::open(store.folder()).expect_err("refused");
    assert!(format!("{error:#}").contains("chmod go-w"), "{error:#}");
}
