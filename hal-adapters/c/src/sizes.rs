//! The sizes of this archive: as functions, and as a record that a tool finds in its bytes.

use crate::code::BW_ABI_VERSION;
use crate::config::bw_config;
use crate::detector::{SNAPSHOT_MAX, bw_detector};
use crate::model::bw_model;
use crate::shape::{MODEL_ARENA, MODEL_VARIABLES, MODEL_WINDOW, VARIABLES};
use crate::verdict::bw_verdict;

const ALIGN: usize = {
    let (detector, model) = (align_of::<bw_detector>(), align_of::<bw_model>());
    if detector > model { detector } else { model }
};

/// A record of sizes.
#[repr(C)]
struct Record {
    mark: [u8; 16],
    sizes: [u32; 10],
}

/// `bellwether export c` writes the header of sizes from it. Its order is that of the export.
#[used]
static RECORD: Record = Record {
    mark: *b"bellwether.sizes",
    sizes: [
        BW_ABI_VERSION,
        VARIABLES as u32,
        size_of::<bw_detector>() as u32,
        ALIGN as u32,
        SNAPSHOT_MAX as u32,
        MODEL_VARIABLES as u32,
        MODEL_WINDOW as u32,
        MODEL_ARENA as u32,
        size_of::<bw_model>() as u32,
        size_of::<(bw_config, bw_verdict)>() as u32,
    ],
};

const _: () = {
    // Storage in C is made of 64-bit words.
    assert!(ALIGN <= 8);
    assert!(size_of::<bw_detector>().is_multiple_of(8) && size_of::<bw_model>().is_multiple_of(8));
};

/// `BW_ABI_VERSION` of the archive. A program that was compiled with another header stops here.
#[unsafe(no_mangle)]
pub extern "C" fn bw_abi_version() -> u32 {
    BW_ABI_VERSION
}

/// `BW_VARIABLES` of the archive.
#[unsafe(no_mangle)]
pub extern "C" fn bw_variables() -> u32 {
    VARIABLES as u32
}

/// `BW_STATE_BYTES` of the archive.
#[unsafe(no_mangle)]
pub extern "C" fn bw_state_bytes() -> usize {
    size_of::<bw_detector>()
}

/// `BW_STATE_ALIGN` of the archive.
#[unsafe(no_mangle)]
pub extern "C" fn bw_state_align() -> usize {
    ALIGN
}

/// `BW_SNAPSHOT_MAX` of the archive.
#[unsafe(no_mangle)]
pub extern "C" fn bw_snapshot_max() -> usize {
    SNAPSHOT_MAX
}

/// `BW_MODEL_BYTES` of the archive.
#[unsafe(no_mangle)]
pub extern "C" fn bw_model_bytes() -> usize {
    size_of::<bw_model>()
}
