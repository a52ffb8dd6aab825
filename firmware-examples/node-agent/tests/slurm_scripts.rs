//! The scripts for Slurm's prolog and epilog, as slurmd runs them.

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn run(script: &str, folder: &Path, variables: &[(&str, &str)]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("dist/slurm")
        .join(script);
    let mut command = Command::new("sh");
    command
        .args(["-eu"])
        .arg(path)
        .env("BELLWETHER_RUN", folder);
    for name in ["ID", "USER", "PARTITION", "NAME", "NODELIST"] {
        command.env_remove(format!("SLURM_JOB_{name}"));
    }
    let status = command
        .envs(variables.iter().copied())
        .status()
        .expect("sh");
    assert!(status.success(), "a node is drained for {script}");
}

fn job(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("job.json")).expect("a job file")).expect("JSON")
}

/// Broken if the file is no JSON for any name of a job, can be changed by others, or has company.
#[test]
fn the_prolog_writes_json_whatever_the_job_is_called() {
    let folder = tempfile::TempDir::new().expect("folder");
    let long = "x".repeat(5_000);
    for name in [
        "cfd",
        "",
        "a\"b\\c",
        "tab\tnew\nline",
        "ü\u{1f600}",
        "$(id) `id` %s %n",
        "}{",
        &long,
    ] {
        let list = "n[01-02],m-3";
        let variables = [
            ("SLURM_JOB_ID", "74129"),
            ("SLURM_JOB_NAME", name),
            ("SLURM_JOB_NODELIST", list),
        ];
        run("prolog.sh", folder.path(), &variables);
        let job = job(folder.path());
        assert_eq!(
            (&job["RMS_JOB_ID"], &job["RMS_JOB_NODELIST"]),
            (&"74129".into(), &list.into())
        );
        let kept: String = name
            .chars()
            .filter(|c| (' '..='~').contains(c))
            .take(256)
            .collect();
        assert_eq!(job["RMS_JOB_NAME"], kept.as_str());
        assert!(
            job["RMS_JOB_START"]
                .as_u64()
                .is_some_and(|start| start > 1_700_000_000)
        );
    }
    let mode = fs::metadata(folder.path().join("job.json"))
        .expect("file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
}

/// Broken if the epilog of an earlier job takes the file of the next one, or leaves its own.
#[test]
fn the_epilog_removes_its_own_job_only() {
    let folder = tempfile::TempDir::new().expect("folder");
    run("prolog.sh", folder.path(), &[("SLURM_JOB_ID", "74129")]);
    run("epilog.sh", folder.path(), &[("SLURM_JOB_ID", "7412")]);
    assert_eq!(job(folder.path())["RMS_JOB_ID"], "74129");
    run("epilog.sh", folder.path(), &[("SLURM_JOB_ID", "74129")]);
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
}

/// Broken if a node without an agent, or a call without a job, fails.
#[test]
fn without_a_folder_or_a_job_nothing_happens() {
    let folder = tempfile::TempDir::new().expect("folder");
    let missing = folder.path().join("missing");
    for script in ["prolog.sh", "epilog.sh"] {
        run(script, &missing, &[("SLURM_JOB_ID", "1")]);
        run(script, folder.path(), &[]);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
}
