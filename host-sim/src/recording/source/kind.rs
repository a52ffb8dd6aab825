//! Files that are no recordings, named as what they are.

/// The kind of a file of these first bytes, and a way out.
pub fn of_bytes(first: &[u8]) -> Option<&'static str> {
    if matches!(first, [0x80, 2..=5, ..]) {
        return Some(
            "a Python pickle can hold any program and is not read; if it is trusted, pandas writes it as \
             a recording: pandas.read_pickle(\"X\").to_csv(\"X.csv\")",
        );
    }
    let kinds: [(&[u8], &str); 14] = [
        (
            b"\x89HDF",
            "an HDF5 file (.h5, .mat of MATLAB 7.3); pandas.read_hdf(\"X\").to_csv(\"X.csv\") writes a \
             recording",
        ),
        (
            b"MATL",
            "a MATLAB file; writetable(timetable, \"X.csv\") writes a recording",
        ),
        (
            b"\x93NUM",
            "a NumPy array; numpy.savetxt(\"X.csv\", numpy.load(\"X.npy\"), delimiter=\",\") writes a \
             recording",
        ),
        (
            b"ARRO",
            "an Arrow file (Feather); pandas.read_feather(\"X\").to_parquet(\"X.parquet\") writes a \
             recording",
        ),
        (
            b"ORC",
            "an ORC file; pandas.read_orc(\"X\").to_parquet(\"X.parquet\") writes a recording",
        ),
        (b"Obj\x01", "an Avro file; convert it to CSV or Parquet"),
        (
            b"SQLi",
            "an SQLite database; sqlite3 -header -csv X \"select ...\" writes a recording",
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "an old Excel workbook (.xls); save it as .xlsx or .csv",
        ),
        (
            b"BZh",
            "compressed with bzip2; bunzip2 it first (gzip and zstd are read)",
        ),
        (
            b"\xfd7zX",
            "compressed with xz; unxz it first (gzip and zstd are read)",
        ),
        (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
        (b"%PDF", "a PDF document, and no recording"),
        (b"\x89PNG", "an image, and no recording"),
        (b"\x7fELF", "a program (ELF), and no recording"),
    ];
    let found = kinds.iter().find(|(magic, _)| first.starts_with(magic));
    found.map(|(_, kind)| *kind)
}

/// The kind of a text with these first lines, and a way out.
pub fn of_lines(head: &[(u64, String)]) -> Option<&'static str> {
    let lines = || head.iter().take(16).map(|(_, line)| line.trim());
    let first = lines().next().unwrap_or_default();
    let is_log = |line: &str| {
        let pairs = line.split_whitespace().filter(|word| word.contains('='));
        pairs.count() >= 2
            && (line.starts_with('[') || !line.contains(',') && line.matches('=').count() > 2)
    };
    if lines().take(3).any(|line| line.starts_with("Adapter: ")) {
        Some("lm-sensors as text; `sensors -j` writes JSON, which is read")
    } else if first.starts_with("# HELP ") || first.starts_with("# TYPE ") {
        Some(
            "metrics of one moment in Prometheus' text format; a range query of the server (JSON) or \
             InfluxDB line protocol is a recording",
        )
    } else if lines().all(is_log) {
        Some("a log of key=value pairs; write them as JSON lines or CSV")
    } else if lines().all(|line| {
        let head = line.split_once('|').map_or("", |(head, _)| head);
        head.rsplit(',')
            .take(3)
            .all(|part| part.parse::<i64>().is_ok())
            && !head.is_empty()
    }) {
        Some("Graphite's raw format; format=json or format=csv is read")
    } else {
        None
    }
}

/// The kind of a text with this first line, and a way out.
pub fn of_line(line: &str) -> Option<&'static str> {
    let line = line.trim_start().to_ascii_lowercase();
    let starts = |begin: &str| line.starts_with(begin);
    if starts("version https://git-lfs") {
        Some("a Git LFS pointer, not the file; `git lfs pull` fetches it")
    } else if starts("<!doctype html") || starts("<html") {
        Some("an HTML page, not a recording; it may be an error or login page of the server")
    } else if starts("<?xml") || starts("<") && line.contains("xmlns") {
        Some("an XML file; export the recording as CSV")
    } else if starts("@relation") {
        Some("an ARFF file; its rows behind @data are CSV")
    } else if line.contains('\0') {
        Some("a file of bytes, and no text")
    } else {
        None
    }
}
