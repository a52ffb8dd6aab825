//! What is fuzzed: every reader of bytes that come from outside. Each target is a function of any
//! bytes that panics where a promise is broken, so a file of the corpus is also a test.

pub mod imported;
pub mod judged;
pub mod recorded;
pub mod records;
pub mod restored;

/// Something that is fuzzed.
pub struct Target {
    /// What it is called by; its files lie in `corpus/` under this name.
    pub name: &'static str,
    /// Takes any bytes.
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// All targets.
pub const TARGETS: &[Target] = &[
    target("model", judged::model),
    target("tflite", imported::tflite),
    target("onnx", imported::onnx),
    target("safetensors", imported::safetensors),
    target("snapshot", restored::snapshot),
    target("record", records::record),
    target("stream", records::stream),
    target("table", recorded::table),
    target("json", recorded::json),
    target("influx", recorded::influx),
    target("sheet", recorded::sheet),
    target("time", recorded::time),
];
