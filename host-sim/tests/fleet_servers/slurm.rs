//! A job array on Debian's slurmctld and slurmd with munge: a task is killed in the middle and requeued.

use super::service::{Service, has, ports, until};
use crate::command_fleet::{SET, merged, recordings, said, whole};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Frames of a node.
const ROWS: usize = 3000;
/// Tasks of the array.
const TASKS: usize = 3;

/// A cluster of one node.
struct Cluster {
    folder: PathBuf,
    conf: PathBuf,
    services: Vec<Service>,
}

impl Cluster {
    fn start(folder: &Path) -> Self {
        let make = |name: &str, mode: u32| {
            let path = folder.join(name);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let (munge, state, spool) = (
            make("munge", 0o755),
            make("state", 0o755),
            make("spool", 0o755),
        );
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        let key = munge.join("key");
        let bytes: Vec<u8> = (0..1024_u32)
            .map(|k| (k.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        fs::write(&key, bytes).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
        let socket = munge.join("socket");
        let of = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let arguments = [
            "--foreground".to_owned(),
            "--force".to_owned(),
            of("key-file", &key),
            of("socket", &socket),
            of("pid-file", &munge.join("pid")),
            of("seed-file", &munge.join("seed")),
            of("log-file", &munge.join("log")),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let log = folder.join("services.log");
        let munged = Service::start("munged", &arguments, &log);
        until("munged", || socket.exists());
        let [control, daemon] = ports();
        let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        let name = name.trim().split('.').next().unwrap().to_owned();
        let show = |path: &Path| path.display().to_string();
        let (folder_name, socket) = (show(folder), show(&socket));
        let (state, spool) = (show(&state), show(&spool));
        let text = format!(
            "ClusterName=bellwether\nSlurmctldHost={name}(127.0.0.1)\nSlurmUser=root\nSlurmdUser=root\n\
             AuthType=auth/munge\nCredType=cred/munge\nAuthInfo=socket={socket}\n\
             SlurmctldPort={control}\nSlurmdPort={daemon}\nCommunicationParameters=NoCtldInAddrAny,NoInAddrAny\n\
             StateSaveLocation={state}\nSlurmdSpoolDir={spool}\n\
             SlurmctldPidFile={folder_name}/control.pid\nSlurmdPidFile={folder_name}/daemon.pid\n\
             SlurmctldLogFile={folder_name}/control.log\nSlurmdLogFile={folder_name}/daemon.log\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\n\
             JobAcctGatherType=jobacct_gather/none\nSwitchType=switch/none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\n\
             SlurmdParameters=config_overrides\nReturnToService=2\nJobRequeue=1\nKillWait=1\n\
             SchedulerParameters=sched_interval=2,bf_interval=2\n\
             NodeName={name} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN\n\
             PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
        );
        let conf = folder.join("slurm.conf");
        fs::write(&conf, text).unwrap();
        let path = show(&conf);
        let control = Service::start("slurmctld", &["-D", "-f", &path], &log);
        let daemon = Service::start("slurmd", &["-D", "-f", &path, "-N", &name], &log);
        let cluster = Self {
            folder: folder.to_owned(),
            conf,
            services: vec![munged, control, daemon],
        };
        until("a node that is idle", || {
            said(&cluster.ask("sinfo", &["-h", "-o", "%T"])).contains("idle")
        });
        cluster
    }

    fn ask(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).env("SLURM_CONF", &self.conf);
        command.current_dir(&self.folder).output().unwrap()
    }
}

impl Drop for Cluster {
    /// The daemons first: what they know of each other ends in order.
    fn drop(&mut self) {
        while self.services.pop().is_some() {}
    }
}

/// Broken by a killed task that leaves half a result, or by a frame that is missing or counted twice in the merged
/// one.
#[test]
fn an_array_task_that_is_killed_and_requeued_loses_nothing() {
    let programs = [
        "munged",
        "slurmctld",
        "slurmd",
        "sbatch",
        "squeue",
        "scontrol",
        "sinfo",
    ];
    if !has(&programs) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let paths = recordings(folder.path(), 6, ROWS);
    let expected = whole(folder.path(), &paths);
    let cluster = Cluster::start(folder.path());
    let results = folder.path().join("results");
    let names: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
    let judge = format!(
        "{} fleet run {} {} --shard $SLURM_ARRAY_TASK_ID/{TASKS} -o {}",
        env!("CARGO_BIN_EXE_bellwether"),
        names.join(" "),
        SET.join(" "),
        results.display()
    );
    // The first attempt of task 1 is killed by a signal when it has written 16 KiB of a result; then the task waits
    // until the scheduler takes it away.
    let script = format!(
        "#!/bin/sh\n\
         if [ $SLURM_ARRAY_TASK_ID.${{SLURM_RESTART_COUNT:-0}} = 1.0 ]; then\n\
         (ulimit -f 32; exec {judge})\n\
         echo $? > killed\n\
         exec sleep 600\n\
         fi\n\
         echo $SLURM_RESTART_COUNT > task.$SLURM_ARRAY_TASK_ID\n\
         exec {judge}\n"
    );
    let file = folder.path().join("fleet.sbatch");
    fs::write(&file, script).unwrap();
    let array = format!("--array=0-{}", TASKS - 1);
    let submitted = cluster.ask(
        "sbatch",
        &["--parsable", "--requeue", &array, file.to_str().unwrap()],
    );
    let job = said(&submitted).trim().to_owned();
    assert!(job.parse::<u64>().is_ok(), "{job}");
    let killed = folder.path().join("killed");
    until("a task that was killed", || {
        fs::read_to_string(&killed).is_ok_and(|text| text.ends_with('\n'))
    });
    assert_eq!(
        fs::read_to_string(&killed).unwrap().trim(),
        "153",
        "SIGXFSZ"
    );
    let rests = || {
        let entries = fs::read_dir(&results).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".part")).count()
    };
    assert!(rests() > 0, "it was killed in the middle of a result");
    assert!(
        !merged(&results, &folder.path().join("early.jsonl"))
            .status
            .success()
    );
    let task = format!("{job}_1");
    let requeued = cluster.ask("scontrol", &["requeue", &task]);
    assert!(requeued.status.success(), "{}", said(&requeued));
    let now = [format!("JobId={task}"), "StartTime=now".to_owned()];
    until("the second attempt", || {
        // A job that was requeued waits for two minutes, if nobody asks.
        cluster.ask("scontrol", &["update", &now[0], &now[1]]);
        folder.path().join("task.1").exists()
    });
    until("the end of the array", || {
        let queue = cluster.ask("squeue", &["-h", "-j", &job]);
        queue.stdout.is_empty()
    });
    let file = folder.path().join("merged.jsonl");
    let output = merged(&results, &file);
    let log = || {
        let entries = fs::read_dir(folder.path()).unwrap().flatten();
        let logs =
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("slurm-"));
        let texts = logs.map(|entry| fs::read_to_string(entry.path()).unwrap());
        texts.collect::<String>()
    };
    assert!(output.status.success(), "{}\n{}", said(&output), log());
    assert!(said(&output).contains("6 nodes, 18,000 frames, each judged once"));
    assert!(
        fs::read(&file).unwrap() == expected,
        "other verdicts than in one piece"
    );
    assert_eq!(rests(), 0, "the second attempt leaves rests of the first");
}
