//! Columns of the tables: which fields are read, with their units.

use super::rows::Shape;
use crate::linux::probe::Measure::{Counter, Errors, Gauge};
use crate::linux::probe::{Channel, Measure, Raw};
use bellwether::Cause;
use std::borrow::ToOwned;
use std::format;

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Column {
    pub field: usize,
    /// Name of the quantity; empty where that of the row is enough.
    name: &'static str,
    unit: &'static str,
    measure: Measure,
    /// Of the channel's unit, in one of the kernel's.
    scale: f64,
}

const fn column(
    field: usize,
    name: &'static str,
    unit: &'static str,
    measure: Measure,
    scale: f64,
) -> Column {
    Column {
        field,
        name,
        unit,
        measure,
        scale,
    }
}

/// A file of `/proc`.
pub(super) struct Table {
    pub file: &'static str,
    pub shape: Shape,
    /// The columns of a row in the order of their fields; none if the row is not of interest.
    pub columns: fn(&str) -> &'static [Column],
}

const fn table(file: &'static str, shape: Shape, columns: fn(&str) -> &'static [Column]) -> Table {
    Table {
        file,
        shape,
        columns,
    }
}

/// All tables.
pub(super) const TABLES: [Table; 11] = [
    table("diskstats", Shape::Third, disks),
    table("interrupts", Shape::Summed, interrupts),
    table("loadavg", Shape::Bare("loadavg"), |_| &LOAD),
    table("meminfo", Shape::Named, memory),
    table("net/dev", Shape::Named, networks),
    table("pressure/cpu", Shape::Assigned, |row| match row {
        // `full` has no meaning for processors, and is always 0.
        "some" => &PRESSURE,
        _ => &[],
    }),
    table("pressure/io", Shape::Assigned, |_| &PRESSURE),
    table("pressure/irq", Shape::Assigned, |_| &PRESSURE),
    table("pressure/memory", Shape::Assigned, |_| &PRESSURE),
    table("stat", Shape::Named, times),
    table("vmstat", Shape::Named, pages),
];

const LOAD: [Column; 3] = [
    column(0, "load1", "", Gauge, 1.0),
    column(1, "load5", "", Gauge, 1.0),
    column(2, "load15", "", Gauge, 1.0),
];

/// Time of waiting in µs.
const PRESSURE: [Column; 1] = [column(3, "", "s/s", Counter, 1e-6)];

const COUNT: [Column; 1] = [column(0, "", "1/s", Counter, 1.0)];
const ERRORS: [Column; 1] = [column(0, "", "1/s", Errors, 1.0)];
const NUMBER: [Column; 1] = [column(0, "", "", Gauge, 1.0)];
const KIB: [Column; 1] = [column(0, "", "B", Gauge, 1024.0)];
const KIB_COUNT: [Column; 1] = [column(0, "", "B/s", Counter, 1024.0)];

/// In hundredths of a second, summed over the processors.
const CPU: [Column; 8] = [
    column(0, "user", "s/s", Counter, 0.01),
    column(1, "nice", "s/s", Counter, 0.01),
    column(2, "system", "s/s", Counter, 0.01),
    column(3, "idle", "s/s", Counter, 0.01),
    column(4, "iowait", "s/s", Counter, 0.01),
    column(5, "irq", "s/s", Counter, 0.01),
    column(6, "softirq", "s/s", Counter, 0.01),
    column(7, "steal", "s/s", Counter, 0.01),
];

fn times(row: &str) -> &'static [Column] {
    match row {
        "cpu" => &CPU,
        "ctxt" | "intr" | "processes" => &COUNT,
        "procs_running" | "procs_blocked" => &NUMBER,
        _ => &[],
    }
}

fn memory(row: &str) -> &'static [Column] {
    match row {
        "MemFree" | "MemAvailable" | "Buffers" | "Cached" | "SwapFree" | "Dirty" | "Writeback"
        | "AnonPages" | "Mapped" | "Shmem" | "SReclaimable" | "SUnreclaim" | "KernelStack"
        | "PageTables" | "Committed_AS" | "HardwareCorrupted" => &KIB,
        "HugePages_Free" => &NUMBER,
        _ => &[],
    }
}

fn pages(row: &str) -> &'static [Column] {
    match row {
        "pgpgin" | "pgpgout" => &KIB_COUNT,
        "pgfault" | "pgmajfault" | "pswpin" | "pswpout" | "numa_miss" | "compact_stall"
        | "thp_fault_fallback" => &COUNT,
        "oom_kill" => &ERRORS,
        _ => &[],
    }
}

/// Those that tell of the machine's state. Of x86: thermal events, thresholds and deferred errors of memory, machine
/// checks.
fn interrupts(row: &str) -> &'static [Column] {
    match row {
        "NMI" | "LOC" | "RES" | "CAL" | "TLB" | "TRM" => &COUNT,
        "ERR" | "MIS" | "SPU" | "MCE" | "THR" | "DFR" | "Err" => &ERRORS,
        _ => &[],
    }
}

const NETWORK: [Column; 8] = [
    column(0, "receive_bytes", "B/s", Counter, 1.0),
    column(1, "receive_packets", "1/s", Counter, 1.0),
    column(2, "receive_errs", "1/s", Errors, 1.0),
    column(3, "receive_drop", "1/s", Counter, 1.0),
    column(8, "transmit_bytes", "B/s", Counter, 1.0),
    column(9, "transmit_packets", "1/s", Counter, 1.0),
    column(10, "transmit_errs", "1/s", Errors, 1.0),
    column(11, "transmit_drop", "1/s", Counter, 1.0),
];

fn networks(row: &str) -> &'static [Column] {
    match row {
        // Two lines of headings, and the machine's talk with itself.
        "lo" | "Inter-|" | "face" => &[],
        row if row.contains('|') => &[],
        _ => &NETWORK,
    }
}

/// Sectors have 512 bytes, times are in ms.
const DISK: [Column; 8] = [
    column(0, "reads_completed", "1/s", Counter, 1.0),
    column(2, "read_bytes", "B/s", Counter, 512.0),
    column(3, "read_time_seconds", "s/s", Counter, 1e-3),
    column(4, "writes_completed", "1/s", Counter, 1.0),
    column(6, "written_bytes", "B/s", Counter, 512.0),
    column(7, "write_time_seconds", "s/s", Counter, 1e-3),
    column(8, "io_now", "", Gauge, 1.0),
    column(9, "io_time_seconds", "s/s", Counter, 1e-3),
];

fn disks(row: &str) -> &'static [Column] {
    if is_part_of_another(row) { &[] } else { &DISK }
}

/// Whether a block device is a partition, or memory or a file in disguise.
fn is_part_of_another(name: &str) -> bool {
    let kind = name.trim_end_matches(|char: char| char.is_ascii_digit());
    let number = kind.len() < name.len();
    if ["ram", "zram", "loop", "fd", "sr"].contains(&kind) {
        return true;
    }
    let partition = ["sd", "hd", "vd", "xvd"]
        .iter()
        .any(|bus| kind.starts_with(bus));
    let of_numbered = |kind: &str| {
        kind.strip_suffix('p')
            .is_some_and(|disk| disk.ends_with(|char: char| char.is_ascii_digit()))
    };
    number && (partition || of_numbered(kind))
}

impl Column {
    pub(super) fn channel(&self, table: &Table, row: &str) -> Channel {
        let file = table.file;
        let (identity, chip, sensor) = match (table.shape, self.name) {
            (Shape::Bare(_), name) => (format!("proc/{file}/{name}"), file, name),
            (_, "") => (format!("proc/{file}/{row}"), file, row),
            (_, name) => (format!("proc/{file}/{row}/{name}"), row, name),
        };
        Channel {
            identity,
            chip: chip.to_owned(),
            sensor: sensor.to_owned(),
            unit: self.unit,
            measure: self.measure,
        }
    }

    /// The value of a field.
    pub(super) fn value(&self, field: &str) -> Raw {
        let value = field.parse::<f64>().map_err(|_| Cause::Sensor)?;
        Ok(value * self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a field is read twice or skipped, as a reading goes over the fields once.
    #[test]
    fn columns_are_in_the_order_of_their_fields() {
        for columns in [&LOAD[..], &CPU, &NETWORK, &DISK] {
            assert!(columns.is_sorted_by(|a, b| a.field < b.field));
        }
    }

    /// Broken if a disk is left out, or its bytes are counted again for its partitions.
    #[test]
    fn whole_disks_are_read() {
        for disk in [
            "sda", "sdaa", "vdb", "nvme0n1", "nvme10n2", "dm-0", "md127", "mmcblk0",
        ] {
            assert!(!disks(disk).is_empty(), "{disk}");
        }
        for part in [
            "sda1",
            "vdb12",
            "nvme0n1p3",
            "mmcblk0p1",
            "loop0",
            "zram1",
            "ram15",
            "sr0",
        ] {
            assert!(disks(part).is_empty(), "{part}");
        }
    }
}
