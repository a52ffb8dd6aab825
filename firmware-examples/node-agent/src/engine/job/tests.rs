use super::*;
use std::os::unix::fs::{PermissionsExt as _, symlink};

const OMNISTAT: &str = r#"{"RMS_TYPE": "slurm", "RMS_JOB_ID": "74129", "RMS_JOB_USER": "ann",
  "RMS_JOB_PARTITION": "devel", "RMS_JOB_NUM_NODES": "2", "RMS_JOB_BATCHMODE": 1, "RMS_STEP_ID": -1}"#;

fn watched(name: &str) -> (tempfile::TempDir, PathBuf, JobFile) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    (folder, path.clone(), JobFile::new(path, false))
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    // As an epilog and a prolog do: away, and a new one.
    let _ = fs::remove_file(path);
    fs::write(path, content).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("allowed");
}

/// Broken if a job's begin, change or end went unseen.
#[test]
fn jobs_come_change_and_go() {
    let (_folder, path, mut file) = watched("job");
    assert_eq!(file.look(), (None, None));
    write(&path, OMNISTAT);
    let (job, complaint) = file.look();
    assert_eq!(
        (job.map(|job| job.id.as_str()), complaint),
        (Some("74129"), None)
    );
    assert!(
        job.is_some_and(|job| job.started_ms > 1_600_000_000_000),
        "the time of the file"
    );
    write(
        &path,
        r#"{"RMS_JOB_ID": 7, "RMS_JOB_NAME": "cfd", "RMS_JOB_NODELIST": "n[1-2]", "RMS_JOB_START": 5}"#,
    );
    let nodes = vec!["n1".into(), "n2".into()];
    let job = Job {
        id: "7".into(),
        name: "cfd".into(),
        started_ms: 5000,
        nodes,
    };
    assert_eq!(file.look(), (Some(&job), None));
    assert_eq!(file.look(), (Some(&job), None), "as it was");
    fs::remove_file(&path).expect("removed");
    assert_eq!(file.look(), (None, None));
}

/// Broken if damage were taken for a job, or told each second.
#[test]
fn hostile_files_are_no_job_and_are_told_once() {
    let huge = format!(r#"{{"RMS_JOB_ID": "{}"}}"#, "x".repeat(70_000));
    let deep = "[".repeat(60_000);
    let cases: [(&str, &[u8]); 9] = [
        ("truncated", &OMNISTAT.as_bytes()[..40]),
        ("empty", b""),
        ("huge", huge.as_bytes()),
        ("deep", deep.as_bytes()),
        ("not UTF-8", b"{\"RMS_JOB_ID\": \"\xff\xfe\"}"),
        ("no id", br#"{"RMS_JOB_USER": "ann"}"#),
        ("an id of nothing", br#"{"RMS_JOB_ID": {"a": 1}}"#),
        ("no object", b"17"),
        (
            "nodes without end",
            br#"{"RMS_JOB_ID": "1", "RMS_JOB_NODELIST": "n[0-99999999]"}"#,
        ),
    ];
    for (name, content) in cases {
        let (_folder, path, mut file) = watched("job");
        write(&path, content);
        let (job, complaint) = file.look();
        assert_eq!(job, None, "{name}");
        let line = complaint.unwrap_or_default();
        assert!(
            line.starts_with("job file /") && line.len() < 400 && !line.contains('\n'),
            "{name}: {line}"
        );
        assert_eq!(file.look(), (None, None), "{name}: a second time");
    }
}

/// Broken if an odd number made a start in the future, or stopped the rest from being read.
#[test]
fn odd_numbers_are_left_out() {
    for start in ["-1", "1e300", "\"NaN\"", "null", "\"soon\"", "[]"] {
        let text = format!(r#"{{"RMS_JOB_ID": "1", "RMS_JOB_START": {start}}}"#);
        let job = parse(text.as_bytes(), 17).expect("a job");
        assert_eq!(job.started_ms, 17, "{start}");
    }
    let long = format!(r#"{{"RMS_JOB_ID": "1\n{}"}}"#, "x".repeat(9000)).replace('\n', "\\n");
    assert_eq!(parse(long.as_bytes(), 0).expect("a job").id.len(), LONGEST);
}

/// Broken if a link were followed, a pipe waited for, or a stranger's file believed.
#[test]
fn links_pipes_and_strangers_are_refused() {
    let (folder, path, mut file) = watched("job");
    let real = folder.path().join("real");
    write(&real, OMNISTAT);
    symlink(&real, &path).expect("a link");
    assert_eq!(file.look().0, None, "a link");
    fs::remove_file(&path).expect("removed");
    let mode = Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0)
        .expect("a pipe");
    let (job, complaint) = file.look();
    assert!(
        job.is_none() && complaint.is_some_and(|line| line.contains("no regular file")),
        "a pipe"
    );
    write(&path, OMNISTAT);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("allowed");
    let (job, complaint) = file.look();
    assert!(
        job.is_none() && complaint.is_some_and(|line| line.contains("chmod go-w")),
        "of everybody"
    );
    let mut anyone = JobFile::new(path, true);
    assert!(anyone.look().0.is_some(), "asked for");
}
