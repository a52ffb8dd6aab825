use super::*;
use bellwether_hal::linux::proc::probes;

const STAT: &str = "cpu  100 5 200 90000 30 0 7 0 0 0\ncpu0 1 1 1 1\nintr 55 1 2 3\nctxt 44\nbtime 1\nprocesses 9\nprocs_running 2\nprocs_blocked 0\n";
const DISKS: &str = "   8       0 sda 10 0 20 30 40 0 50 60 7 80 90 0 0 0 0 0 0\n   8       1 sda1 1 1 1 1 1 1 1 1 1 1 1\n   7       0 loop0 1 1 1 1 1 1 1 1 1 1 1\n";
const NETWORKS: &str = "Inter-|   Receive                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    lo:    1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0:1000 20 3 4 0 0 0 0 5000 60 7 8 0 0 0 0\n";
const MEMORY: &str = "MemTotal:  100 kB\nMemFree:    50 kB\nHugePages_Free:  3\n";
const PRESSURE: &str = "some avg10=0.10 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\n";
const INTERRUPTS: &str = "      CPU0  CPU1\n  9:  5 5 IO-APIC acpi\nNMI:  2  3  Non-maskable interrupts\nMCE:  0  1  Machine check exceptions\nERR:  0\n";

fn machine() -> Tree {
    Tree::new(&[
        ("stat", STAT),
        ("loadavg", "1.50 1.25 0.75 2/300 4000\n"),
        ("diskstats", DISKS),
        ("net/dev", NETWORKS),
        ("meminfo", MEMORY),
        (
            "vmstat",
            "nr_free_pages 7\npgfault 12\npgpgin 3\noom_kill 1\n",
        ),
        ("pressure/cpu", PRESSURE),
        ("pressure/io", PRESSURE),
        ("interrupts", INTERRUPTS),
    ])
}

fn find(tree: &Tree) -> Vec<Box<dyn Probe>> {
    probes(tree.root(), &all(), true, &files())
}

/// Values of a table by the ends of their identities.
fn values(table: &mut Box<dyn Probe>) -> Vec<(String, Raw)> {
    let values = read(std::slice::from_mut(table));
    let prefix = format!("{}/", table.name());
    let names = table.channels().iter();
    let names = names.map(|c| c.identity.strip_prefix(&prefix).unwrap().to_owned());
    names.zip(values).collect()
}

fn expect(probes: &mut [Box<dyn Probe>], table: &str, expected: &[(&str, f64)]) {
    let name = format!("proc/{table}");
    let table = probes
        .iter_mut()
        .find(|probe| probe.name() == name)
        .unwrap();
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, v)| ((*name).to_owned(), Ok(*v)))
        .collect();
    assert_eq!(values(table), expected);
}

/// Broken if a column is another's, a partition or the loopback is counted, or a unit is the kernel's.
#[test]
fn tables_are_read_in_base_units() {
    let tree = machine();
    let mut probes = find(&tree);
    assert_eq!(probes.len(), 9);
    let cpu = [
        ("cpu/user", 1.0),
        ("cpu/nice", 0.05),
        ("cpu/system", 2.0),
        ("cpu/idle", 900.0),
        ("cpu/iowait", 0.3),
        ("cpu/irq", 0.0),
        ("cpu/softirq", 0.07),
        ("cpu/steal", 0.0),
    ];
    let counts = [("intr", 55.0), ("ctxt", 44.0), ("processes", 9.0)];
    let running = [("procs_running", 2.0), ("procs_blocked", 0.0)];
    expect(&mut probes, "stat", &[&cpu[..], &counts, &running].concat());
    expect(
        &mut probes,
        "loadavg",
        &[("load1", 1.5), ("load5", 1.25), ("load15", 0.75)],
    );
    let disk = [
        ("sda/reads_completed", 10.0),
        ("sda/read_bytes", 10240.0),
        ("sda/read_time_seconds", 0.03),
        ("sda/writes_completed", 40.0),
        ("sda/written_bytes", 25600.0),
        ("sda/write_time_seconds", 0.06),
        ("sda/io_now", 7.0),
        ("sda/io_time_seconds", 0.08),
    ];
    expect(&mut probes, "diskstats", &disk);
    let network = [
        ("eth0/receive_bytes", 1000.0),
        ("eth0/receive_packets", 20.0),
        ("eth0/receive_errs", 3.0),
        ("eth0/receive_drop", 4.0),
        ("eth0/transmit_bytes", 5000.0),
        ("eth0/transmit_packets", 60.0),
        ("eth0/transmit_errs", 7.0),
        ("eth0/transmit_drop", 8.0),
    ];
    expect(&mut probes, "net/dev", &network);
    expect(
        &mut probes,
        "meminfo",
        &[("MemFree", 51200.0), ("HugePages_Free", 3.0)],
    );
    let pages = [("pgfault", 12.0), ("pgpgin", 3072.0), ("oom_kill", 1.0)];
    expect(&mut probes, "vmstat", &pages);
    expect(&mut probes, "pressure/cpu", &[("some", 2.5)]);
    expect(&mut probes, "pressure/io", &[("some", 2.5), ("full", 1.0)]);
    expect(
        &mut probes,
        "interrupts",
        &[("NMI", 5.0), ("MCE", 1.0), ("ERR", 0.0)],
    );
}

/// Broken if rows that come and go move the values of others, or a line that is no text ends the reading.
#[test]
fn rows_may_come_and_go_and_lie() {
    let tree = machine();
    let mut probes = find(&tree);
    read(&mut probes);
    let table = |probes: &mut Vec<Box<dyn Probe>>, name: &str| {
        values(
            probes
                .iter_mut()
                .find(|probe| probe.name() == name)
                .unwrap(),
        )
    };
    tree.write(
        "meminfo",
        b"New:  1 kB\n\xFF\xFE\nMemFree:  nonsense kB\n\nHugePages_Free: 4\n",
    );
    let memory = table(&mut probes, "proc/meminfo");
    assert_eq!((memory[0].1, memory[1].1), (BROKEN, Ok(4.0)));
    tree.write(
        "meminfo",
        "MemFree:\nHugePages_Free: 99999999999999999999999 x\n",
    );
    let memory = table(&mut probes, "proc/meminfo");
    assert_eq!((memory[0].1, memory[1].1), (MISSING, Ok(1e23)));
    tree.write("net/dev", "eth1: 1 1 1 1 1 1 1 1 1 1 1 1\n");
    assert!(
        table(&mut probes, "proc/net/dev")
            .iter()
            .all(|(_, raw)| *raw == MISSING)
    );
    tree.write("net/dev", "eth0: 9\n");
    let network = table(&mut probes, "proc/net/dev");
    assert_eq!(network[0].1, Ok(9.0));
    assert!(network[1..].iter().all(|(_, raw)| *raw == MISSING));
    fs::remove_file(tree.path("loadavg")).unwrap();
    let all: Vec<_> = (0..11)
        .map(|_| table(&mut probes, "proc/loadavg")[0].1)
        .collect();
    assert_eq!(all[10], MISSING);
}

/// Broken if a table beyond its bound is read to its end, or a large one is read unasked.
#[test]
fn large_tables_are_read_if_asked_for_and_endless_ones_never() {
    let tree = machine();
    let line = format!("{:>40}: 1 1 x\n", 9);
    tree.write("interrupts", format!("{}{INTERRUPTS}", line.repeat(3000)));
    assert_eq!(find(&tree).len(), 8);
    let mut large = probes(tree.root(), &all(), false, &files());
    expect(
        &mut large,
        "interrupts",
        &[("NMI", 5.0), ("MCE", 1.0), ("ERR", 0.0)],
    );
    let endless = fs::File::create(tree.path("loadavg")).unwrap();
    endless.set_len(1 << 40).unwrap();
    assert_eq!(probes(tree.root(), &all(), false, &files()).len(), 8);
}

/// Broken if the parser does not know a kernel that runs.
#[cfg(target_os = "linux")]
#[test]
fn this_machine_has_memory_and_processors() {
    let mut probes = probes("/proc".as_ref(), &all(), true, &files());
    let memory = probes
        .iter_mut()
        .find(|probe| probe.name() == "proc/meminfo")
        .unwrap();
    let free = values(memory)
        .into_iter()
        .find(|(name, _)| name == "MemFree");
    assert!(free.unwrap().1.unwrap() > 0.0);
    let times = probes
        .iter_mut()
        .find(|probe| probe.name() == "proc/stat")
        .unwrap();
    assert!(values(times)[0].1.unwrap() > 0.0);
}
