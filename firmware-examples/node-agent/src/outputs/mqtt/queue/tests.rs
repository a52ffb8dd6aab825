//! Hostile files and power cuts, without a broker.

use super::*;
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

const NOW: u64 = 1_700_000_000_000;
const BOUND: u64 = 64 * 1024;

fn open(folder: &Path) -> Queue {
    Queue::open(folder, BOUND, false, NOW).expect("opens").0
}

fn body(number: u64) -> Vec<u8> {
    format!("message {number}").into_bytes()
}

fn filled(folder: &Path, messages: u64) -> Queue {
    let mut queue = open(folder);
    for _ in 0..messages {
        let body = body(queue.next());
        queue.push(&body).expect("room");
    }
    queue
}

fn drain(queue: &mut Queue) -> Vec<u64> {
    std::iter::from_fn(|| queue.hand_out())
        .map(|(number, content)| {
            assert_eq!(content, body(number));
            number
        })
        .collect()
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some()).collect();
    paths.sort();
    paths
}

/// Broken if a message is lost or told twice over a restart, or numbers do not go on.
#[test]
fn messages_survive_a_restart_until_they_are_confirmed() {
    let folder = TempDir::new().expect("folder");
    let mut queue = filled(folder.path(), 10);
    assert_eq!(drain(&mut queue), (NOW..NOW + 10).collect::<Vec<_>>());
    queue.confirm(NOW + 3);
    drop(queue);
    let mut queue = open(folder.path());
    assert_eq!(
        (queue.waiting(), queue.next(), queue.repeated()),
        (6, NOW + 10, 0)
    );
    assert_eq!(drain(&mut queue), (NOW + 4..NOW + 10).collect::<Vec<_>>());
    queue.confirm(NOW + 9);
    drop(queue);
    let mut queue = open(folder.path());
    assert_eq!((queue.waiting(), queue.next()), (0, NOW + 10));
    assert!(drain(&mut queue).is_empty());
}

/// Broken if a message that was on its way is not sent again, or not counted as a repetition.
#[test]
fn a_rewind_hands_out_again_and_counts() {
    let folder = TempDir::new().expect("folder");
    let mut queue = filled(folder.path(), 5);
    queue.hand_out();
    queue.hand_out();
    queue.hand_out();
    queue.confirm(NOW);
    queue.rewind();
    assert_eq!(drain(&mut queue), (NOW + 1..NOW + 5).collect::<Vec<_>>());
    assert_eq!(queue.repeated(), 2);
}

/// Broken if the bound is exceeded, a newer message goes before an older one, or one goes uncounted.
#[test]
fn the_bound_pushes_out_the_oldest_and_counts_them() {
    let folder = TempDir::new().expect("folder");
    let mut queue = filled(folder.path(), 10_000);
    let size: u64 = segments(folder.path())
        .iter()
        .map(|path| fs::metadata(path).expect("file").len())
        .sum();
    assert!(size <= BOUND, "{size} bytes");
    assert!(
        size > BOUND / 4 * 3,
        "{size} bytes: more than the oldest went"
    );
    let left = drain(&mut queue);
    assert_eq!(
        left,
        (NOW + queue.dropped()..NOW + 10_000).collect::<Vec<_>>()
    );
    assert_eq!(queue.waiting() + queue.dropped(), 10_000);
    queue.confirm(NOW + 9_999);
    assert_eq!(queue.waiting(), 0);
}

/// Broken if the reader does not follow when the segment under it is pushed out.
#[test]
fn the_reader_goes_on_behind_a_dropped_segment() {
    let folder = TempDir::new().expect("folder");
    let mut queue = filled(folder.path(), 100);
    assert_eq!(queue.hand_out().map(|(number, _)| number), Some(NOW));
    for _ in 0..5_000 {
        let body = body(queue.next());
        queue.push(&body).expect("room");
    }
    let left = drain(&mut queue);
    assert_eq!(left.len() as u64, queue.waiting());
    assert_eq!(left.last(), Some(&(NOW + 5_099)));
}

/// Broken if a cut at any byte loses a whole record in front of it, invents one, or stops the queue.
#[test]
fn a_file_cut_at_every_length_keeps_the_whole_records() {
    let folder = TempDir::new().expect("folder");
    drop(filled(folder.path(), 6));
    let path = segments(folder.path()).pop().expect("a segment");
    let whole = fs::read(&path).expect("read");
    let record = whole.len() / 6;
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("write");
        let mut queue = open(folder.path());
        let kept = drain(&mut queue);
        assert_eq!(
            kept,
            (NOW..NOW + (length / record) as u64).collect::<Vec<_>>(),
            "{length} bytes"
        );
        let next = queue.next();
        queue.push(&body(next)).expect("goes on");
        assert_eq!(drain(&mut queue), [next]);
        drop(queue);
        segments(folder.path())
            .iter()
            .for_each(|path| fs::remove_file(path).expect("removed"));
    }
}

/// Broken if a damaged byte is told as a message, hides that something was lost, or takes what other files have.
#[test]
fn a_damaged_byte_costs_the_rest_of_its_segment_and_is_said() {
    let folder = TempDir::new().expect("folder");
    drop(filled(folder.path(), 1_000));
    let first = segments(folder.path()).remove(0);
    let whole = fs::read(&first).expect("read");
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0x40;
    fs::write(&first, damaged).expect("write");
    let (mut queue, complaints) = Queue::open(folder.path(), BOUND, false, NOW).expect("opens");
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    let left = drain(&mut queue);
    assert!(queue.dropped() > 0);
    assert_eq!(left.len() as u64 + queue.dropped(), 1_000);
    assert_eq!(
        (left.first(), left.last()),
        (Some(&NOW), Some(&(NOW + 999)))
    );
}

/// Broken if damage under an open queue stops it or goes uncounted.
#[test]
fn damage_while_in_use_is_counted() {
    let folder = TempDir::new().expect("folder");
    let mut queue = filled(folder.path(), 1_000);
    let first = segments(folder.path()).remove(0);
    fs::write(&first, [0xff; 64]).expect("write");
    let left = drain(&mut queue);
    assert!(queue.dropped() > 0);
    assert_eq!(left.len() as u64 + queue.dropped(), 1_000);
}

/// Broken if a foreign, huge or misnamed file stops the queue or is taken for messages.
#[test]
fn foreign_files_are_set_aside() {
    let folder = TempDir::new().expect("folder");
    drop(filled(folder.path(), 3));
    let own = segments(folder.path()).remove(0);
    fs::copy(&own, folder.path().join("00000000000000000007.queue")).expect("copy");
    fs::copy(&own, folder.path().join("99999999999999999999.queue")).expect("copy");
    fs::write(folder.path().join("nonsense.queue"), b"x").expect("write");
    fs::write(folder.path().join("-1.queue"), vec![0; 2 * BOUND as usize]).expect("write");
    let (mut queue, complaints) = Queue::open(folder.path(), BOUND, false, NOW).expect("opens");
    assert_eq!(complaints.len(), 4, "{complaints:?}");
    assert_eq!(drain(&mut queue), [NOW, NOW + 1, NOW + 2]);
}

/// Broken if two agents write the same files.
#[test]
fn a_second_user_is_refused() {
    let folder = TempDir::new().expect("folder");
    let _first = open(folder.path());
    let refused = Queue::open(folder.path(), BOUND, false, NOW).expect_err("refused");
    assert!(format!("{refused:#}").contains("in use"), "{refused:#}");
}

/// Broken if others can put messages into the queue.
#[test]
fn a_folder_that_others_can_write_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().expect("folder");
    for mode in [0o770, 0o707, 0o777] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("mode");
        let refused = Queue::open(folder.path(), BOUND, false, NOW).expect_err("refused");
        assert!(format!("{refused:#}").contains("refused"), "{refused:#}");
    }
}

/// Broken if an oversized message breaks the queue.
#[test]
fn a_message_that_is_too_large_is_refused() {
    let folder = TempDir::new().expect("folder");
    let mut queue = open(folder.path());
    queue
        .push(&vec![0; queue.largest() + 1])
        .expect_err("refused");
    queue.push(&vec![0; queue.largest()]).expect("fits");
    assert_eq!(
        queue.hand_out().map(|(number, body)| (number, body.len())),
        Some((NOW, queue.largest()))
    );
}

proptest! {
    /// Broken if any content of the two files stops the queue, or makes it hand out what was not put in.
    #[test]
    fn any_files_are_survived(segment in proptest::collection::vec(any::<u8>(), 0..300),
                              mark in proptest::collection::vec(any::<u8>(), 0..16),
                              flip in any::<(u16, u8)>()) {
        let folder = TempDir::new().expect("folder");
        drop(filled(folder.path(), 8));
        let path = segments(folder.path()).remove(0);
        let mut whole = fs::read(&path).expect("read");
        let place = usize::from(flip.0) % whole.len();
        whole[place] ^= flip.1;
        whole.extend_from_slice(&segment);
        fs::write(&path, whole).expect("write");
        fs::write(folder.path().join("done"), mark).expect("write");
        let mut queue = open(folder.path());
        let kept = drain(&mut queue);
        prop_assert!(kept.iter().all(|number| (NOW..NOW + 8).contains(number)), "{kept:?}");
        let next = queue.next();
        queue.push(&body(next)).expect("goes on");
        prop_assert_eq!(drain(&mut queue), vec![next]);
    }
}
