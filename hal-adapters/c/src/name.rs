//! Codes in words: static strings that end with a zero byte.

use crate::code::*;
use core::ffi::{CStr, c_char};

const UNKNOWN: &CStr = c"unknown";

fn word(words: &'static [&'static CStr], code: i32) -> *const c_char {
    let place = usize::try_from(code).ok();
    let word = place.and_then(|place| words.get(place));
    word.map_or(UNKNOWN, |word| word).as_ptr()
}

/// A state in a word.
#[unsafe(no_mangle)]
pub extern "C" fn bw_state_name(state: i32) -> *const c_char {
    let words = &[
        c"warming",
        c"normal",
        c"adapted",
        c"anomalous",
        c"early",
        c"blind",
    ];
    word(words, state)
}

/// A cause of blindness in a word.
#[unsafe(no_mangle)]
pub extern "C" fn bw_cause_name(cause: i32) -> *const c_char {
    let words = &[
        c"missing",
        c"not_finite",
        c"sensor",
        c"stuck",
        c"out_of_order",
        c"training",
        c"threshold_inflated",
    ];
    word(words, cause)
}

/// A phase of an alarm in a word.
#[unsafe(no_mangle)]
pub extern "C" fn bw_phase_name(phase: i32) -> *const c_char {
    word(&[c"quiet", c"start", c"update", c"clear"], phase)
}

/// A grade in a word.
#[unsafe(no_mangle)]
pub extern "C" fn bw_grade_name(grade: i32) -> *const c_char {
    word(&[c"none", c"info", c"warning", c"critical"], grade)
}

/// A kind of change in a word.
#[unsafe(no_mangle)]
pub extern "C" fn bw_kind_name(kind: i32) -> *const c_char {
    let words = &[
        c"jump",
        c"spike",
        c"step",
        c"drift",
        c"stuck",
        c"noise",
        c"relation",
        c"missing",
    ];
    word(words, kind)
}

/// A symptom of a sensor in a word.
#[unsafe(no_mangle)]
pub extern "C" fn bw_symptom_name(symptom: i32) -> *const c_char {
    word(&[c"missing", c"stuck", c"range", c"rate"], symptom)
}

/// A return code in words.
#[unsafe(no_mangle)]
pub extern "C" fn bw_error_text(code: i32) -> *const c_char {
    let text = match code {
        BW_OK => c"done",
        BW_WARMING => c"done; still learning",
        BW_READY => c"done; all is learned",
        BW_ERR_NULL => c"a pointer is null",
        BW_ERR_ALIGN => c"a pointer is not aligned for its type",
        BW_ERR_MEMORY => c"the memory is smaller than BW_STATE_BYTES or BW_MODEL_BYTES",
        BW_ERR_STATE => c"the memory was not initialised by bw_init or bw_model_init",
        BW_ERR_SIZE => c"size: not set, or of an older header",
        BW_ERR_VARIABLES => c"variables: 0, above BW_VARIABLES, or fewer than values in the frame",
        BW_ERR_LEARN_ROWS => c"learn_rows: not within 20 to 200000",
        BW_ERR_PROMISE => c"promise: not within 0.001 to 1000",
        BW_ERR_ROWS_PER_DAY => c"rows_per_day: neither 0 nor within 24 to 65535",
        BW_ERR_BUFFER => c"the buffer is smaller than the snapshot",
        BW_ERR_SNAPSHOT => c"not a snapshot, or a damaged one",
        BW_ERR_SHAPE => c"a snapshot of other capacities or another number of variables",
        BW_ERR_VERSION => c"of a newer format than this archive reads",
        BW_ERR_STORAGE => c"the caller's sink or source failed",
        BW_ERR_MODEL => c"not a model, or a damaged one",
        BW_ERR_MODEL_SIZE => c"a model of other sizes than the archive was built for",
        BW_ERR_MODEL_THRESHOLD => c"the model has nothing to decide with",
        BW_ERR_INDEX => c"no such entry",
        _ => UNKNOWN,
    };
    text.as_ptr()
}
