//! Counters of errors, told by the names that drivers and exporters give them.

use super::probe::Measure;
use std::string::String;

/// Parts of names in lower case.
const PARTS: [&str; 20] = [
    "xid",
    "ecc",
    "_sbe",
    "_dbe",
    "edac",
    "replay",
    "uncorrect",
    "correctable",
    "corrected",
    "retired_pages",
    "row_remap",
    "remapped_rows",
    "crc_err",
    "crc_flit",
    "recovery_err",
    "link_downed",
    "symbol_err",
    "retry_error",
    "nvlink_err",
    "aer_",
];
/// Short names of `dcgmi dmon` and `nvidia-smi dmon`.
const SHORT: [&str; 11] = [
    "xider", "rpsbe", "rpdbe", "rppen", "pcirc", "pcire", "rruc", "rrc", "sbecc", "dbecc", "pci",
];

/// The measure of a quantity: errors by its name, or a part of it in `also`; otherwise a counter or a gauge as told.
pub(crate) fn measure(name: &str, counter: bool, also: &[String]) -> Measure {
    let lower = name.to_ascii_lowercase();
    // A mode, as in `ecc.mode.current`, and the moment of an error are no counters.
    let other = ["mode", "timestamp", "time_seconds", "_failure", "pending"];
    let errors = PARTS.iter().any(|part| lower.contains(part))
        && !other.iter().any(|part| lower.contains(part));
    let short = SHORT.contains(&lower.as_str()) || volatile(&lower);
    if errors
        || short
        || also
            .iter()
            .any(|part| !part.is_empty() && name.contains(part.as_str()))
    {
        Measure::Errors
    } else if counter {
        Measure::Counter
    } else {
        Measure::Gauge
    }
}

/// Short names of single (`es`) and double (`ed`) bit errors, volatile (`v`) or aggregate (`a`), of a part in two
/// letters: `esvtl`.
fn volatile(lower: &str) -> bool {
    let head = ["esv", "edv", "esa", "eda"];
    lower.len() == 5 && head.iter().any(|head| lower.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::{Measure, measure};
    use std::borrow::ToOwned;

    #[test]
    fn errors_are_told_by_their_names() {
        // Broken if a counter of corrected errors is judged as a level, or a level as errors.
        for name in [
            "DCGM_FI_DEV_XID_ERRORS",
            "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL",
            "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
            "node_edac_correctable_errors_total",
            "ecc.errors.corrected.volatile.total",
            "XIDER",
            "ESVTL",
            "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS",
        ] {
            assert_eq!(measure(name, false, &[]), Measure::Errors, "{name}");
        }
        for name in [
            "ecc.mode.current",
            "DCGM_FI_DEV_GPU_TEMP",
            "pcie.link.width.current",
            "power.draw",
        ] {
            assert_eq!(measure(name, false, &[]), Measure::Gauge, "{name}");
        }
        let also = ["receive_errs".to_owned()];
        assert_eq!(
            measure("node_network_receive_errs_total", true, &also),
            Measure::Errors
        );
        assert_eq!(
            measure("node_cpu_seconds_total", true, &also),
            Measure::Counter
        );
    }
}
