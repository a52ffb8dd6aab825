use super::*;
use crate::event::{Kind, Severity};

fn event(id: u64, phase: Phase) -> Record {
    Record::Event(Event {
        id,
        phase,
        kind: Kind::Missing,
        severity: Severity::Warning,
        node: "n".into(),
        group: "hwmon".into(),
        since_ms: 1,
        at_ms: 2,
        score: Some(0.5),
        threshold: None,
        variables: Vec::new(),
        job: None,
        message: "line\nbreak and ü".into(),
    })
}

fn open(folder: &Path) -> (Journal, Vec<String>) {
    let mut told = Vec::new();
    (Journal::open(folder, &mut told).expect("writable"), told)
}

fn numbers(journal: &Journal) -> Vec<u64> {
    journal
        .records()
        .iter()
        .map(|(number, _)| *number)
        .collect()
}

/// Broken if a record changed on the way to disk and back.
#[test]
fn records_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = vec![
        event(1, Phase::Start),
        Record::Acknowledged(1),
        Record::Accepted("proc \"x\"".into()),
        Record::Silence(Some(u64::MAX)),
        Record::Silence(None),
        Record::Maintenance(true),
    ];
    let (mut journal, told) = open(folder.path());
    assert!(told.is_empty() && journal.records().is_empty());
    journal.append(5, records.clone()).expect("written");
    drop(journal);
    let (journal, told) = open(folder.path());
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(journal.records(), (5..).zip(records).collect::<Vec<_>>());
}

/// Broken if a power loss in the middle of a line lost the lines before it, or a later append joined it.
#[test]
fn a_cut_at_any_byte_loses_only_the_last_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open(folder.path());
    journal
        .append(1, vec![event(1, Phase::Start), Record::Acknowledged(1)])
        .expect("written");
    let path = folder.path().join(NAME);
    let whole = fs::read(&path).expect("there");
    let first = whole
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line")
        + 1;
    for cut in first..whole.len() {
        fs::write(&path, &whole[..cut]).expect("written");
        let (mut journal, told) = open(folder.path());
        assert_eq!(numbers(&journal), [1], "cut at {cut}");
        assert_eq!(
            told.len(),
            usize::from(cut > first),
            "cut at {cut}: {told:?}"
        );
        journal
            .append(2, vec![Record::Acknowledged(1)])
            .expect("written");
        assert_eq!(numbers(&open(folder.path()).0), [1, 2], "cut at {cut}");
    }
}

/// Broken if a damaged line were believed, or took others with it.
#[test]
fn damaged_lines_are_left_out_and_kept_for_a_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open(folder.path());
    journal
        .append(1, (1..=3).map(Record::Acknowledged).collect())
        .expect("written");
    let path = folder.path().join(NAME);
    let mut text = fs::read(&path).expect("there");
    let middle = text.len() / 2;
    text[middle] ^= 4;
    fs::write(&path, &text).expect("written");
    let (journal, told) = open(folder.path());
    assert_eq!(numbers(&journal), [1, 3]);
    assert!(told[0].contains("1 damaged lines are left out"), "{told:?}");
    assert_eq!(
        fs::read(folder.path().join("journal.damaged-1")).expect("kept"),
        text
    );
    for junk in [&b"\xff\xff\n"[..], b"\n\n\n", b"00000000 1 {}\n"] {
        fs::write(&path, junk).expect("written");
        assert!(open(folder.path()).0.records().is_empty());
    }
}

/// Broken if the journal grew for ever, or an event that is on was forgotten with its acknowledgement.
#[test]
fn what_both_states_know_goes_but_for_what_is_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut journal, _) = open(folder.path());
    let records = vec![
        event(1, Phase::Start),
        event(2, Phase::Start),
        Record::Acknowledged(1),
        Record::Acknowledged(2),
        event(2, Phase::Clear),
        Record::Silence(Some(9)),
        Record::Silence(None),
        Record::Accepted("g".into()),
        Record::Accepted("h".into()),
    ];
    journal.append(1, records).expect("written");
    journal.compact(8).expect("written");
    assert_eq!(numbers(&journal), [1, 3, 7, 9]);
    assert_eq!(numbers(&open(folder.path()).0), [1, 3, 7, 9]);
    journal
        .append(
            10,
            (0..30_000).map(|id| event(id + 5, Phase::Start)).collect(),
        )
        .expect("written");
    journal.compact(0).expect("written");
    assert_eq!(journal.records().len(), MOST);
}
