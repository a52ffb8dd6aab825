//! Codes: what functions return, and what members of a verdict mean.
//!
//! States, causes, phases, grades, kinds and symptoms have the order of the report's codes. Codes are only ever
//! added.

use bellwether::alarm::{Grade, Phase};
use bellwether::health::Symptom;
use bellwether::kind::Kind;
use bellwether::{Blindness, Cause, SettingsError, SnapshotError, State};

/// Version of this interface. It rises with a change that breaks programs.
pub const BW_ABI_VERSION: u32 = 1;

/// Done.
pub const BW_OK: i32 = 0;
/// Done; the detector still learns what is usual.
pub const BW_WARMING: i32 = 1;
/// Done; with this frame the detector has learned what is usual.
pub const BW_READY: i32 = 2;

/// A pointer is null.
pub const BW_ERR_NULL: i32 = -1;
/// A pointer is not aligned for its type.
pub const BW_ERR_ALIGN: i32 = -2;
/// The memory is smaller than `BW_STATE_BYTES` or `BW_MODEL_BYTES` of the archive.
pub const BW_ERR_MEMORY: i32 = -3;
/// The memory was not initialised by `bw_init` or `bw_model_init` of this archive.
pub const BW_ERR_STATE: i32 = -4;
/// The member `size` of a structure is smaller than the structure.
pub const BW_ERR_SIZE: i32 = -5;
/// `variables` is 0 or above `BW_VARIABLES`, or a frame has more values than there are variables.
pub const BW_ERR_VARIABLES: i32 = -6;
/// `learn_rows` is not within 20 to 200,000.
pub const BW_ERR_LEARN_ROWS: i32 = -7;
/// `promise` is not within 0.001 to 1,000.
pub const BW_ERR_PROMISE: i32 = -8;
/// `rows_per_day` is neither 0 nor within 24 to 65,535.
pub const BW_ERR_ROWS_PER_DAY: i32 = -9;
/// The buffer is smaller than the snapshot; `BW_SNAPSHOT_MAX` bytes always suffice.
pub const BW_ERR_BUFFER: i32 = -10;
/// The bytes are no snapshot, or a damaged one.
pub const BW_ERR_SNAPSHOT: i32 = -11;
/// The snapshot was taken with other capacities or another number of variables.
pub const BW_ERR_SHAPE: i32 = -12;
/// The snapshot, or the model, has a newer format than this archive reads.
pub const BW_ERR_VERSION: i32 = -13;
/// A sink or source of the caller failed.
pub const BW_ERR_STORAGE: i32 = -14;
/// The bytes are no model, or a damaged one.
pub const BW_ERR_MODEL: i32 = -15;
/// The model has another number of variables, another window, or a larger arena than the archive was built for.
pub const BW_ERR_MODEL_SIZE: i32 = -16;
/// The model has nothing to decide with.
pub const BW_ERR_MODEL_THRESHOLD: i32 = -17;
/// There is no entry with this index.
pub const BW_ERR_INDEX: i32 = -18;

/// State: not assessed yet, `left` frames to go.
pub const BW_STATE_WARMING: i32 = 0;
/// State: normal.
pub const BW_STATE_NORMAL: i32 = 1;
/// State: normal after a change that was accepted.
pub const BW_STATE_ADAPTED: i32 = 2;
/// State: anomalous.
pub const BW_STATE_ANOMALOUS: i32 = 3;
/// State: above a threshold that rests on little.
pub const BW_STATE_EARLY: i32 = 4;
/// State: not assessed, see `cause`.
pub const BW_STATE_BLIND: i32 = 5;

/// No code: there is no cause or kind.
pub const BW_NONE: i32 = -1;

/// Cause of blindness: most values are missing.
pub const BW_CAUSE_MISSING: i32 = 0;
/// Cause of blindness: an infinity.
pub const BW_CAUSE_NOT_FINITE: i32 = 1;
/// Cause of blindness: an error of a sensor.
pub const BW_CAUSE_SENSOR: i32 = 2;
/// Cause of blindness: a stuck sensor.
pub const BW_CAUSE_STUCK: i32 = 3;
/// Cause of blindness: a tick that did not advance.
pub const BW_CAUSE_OUT_OF_ORDER: i32 = 4;
/// Cause of blindness: a training is in progress.
pub const BW_CAUSE_TRAINING: i32 = 5;
/// Cause of blindness: a long anomaly inflated the threshold.
pub const BW_CAUSE_THRESHOLD_INFLATED: i32 = 6;

/// Phase: no alarm.
pub const BW_PHASE_QUIET: i32 = 0;
/// Phase: first row of an alarm.
pub const BW_PHASE_START: i32 = 1;
/// Phase: a further row of an alarm.
pub const BW_PHASE_UPDATE: i32 = 2;
/// Phase: first row after an alarm.
pub const BW_PHASE_CLEAR: i32 = 3;

/// Grade: nothing to say.
pub const BW_GRADE_NONE: i32 = 0;
/// Grade: worth a line in a log.
pub const BW_GRADE_INFO: i32 = 1;
/// Grade: an alarm.
pub const BW_GRADE_WARNING: i32 = 2;
/// Grade: an alarm that a third of the promise would raise too.
pub const BW_GRADE_CRITICAL: i32 = 3;

/// Kind: a large difference, too early to tell a spike from a step.
pub const BW_KIND_JUMP: i32 = 0;
/// Kind: a large difference, and the level as before.
pub const BW_KIND_SPIKE: i32 = 1;
/// Kind: a large difference, and another level.
pub const BW_KIND_STEP: i32 = 2;
/// Kind: another level without a large difference.
pub const BW_KIND_DRIFT: i32 = 3;
/// Kind: one value, repeated.
pub const BW_KIND_STUCK: i32 = 4;
/// Kind: large differences row after row.
pub const BW_KIND_NOISE: i32 = 5;
/// Kind: a usual value that does not fit the others.
pub const BW_KIND_RELATION: i32 = 6;
/// Kind: missing values.
pub const BW_KIND_MISSING: i32 = 7;

/// Symptom: most values are missing.
pub const BW_SYMPTOM_MISSING: i32 = 0;
/// Symptom: one value, repeated for longer than is usual.
pub const BW_SYMPTOM_STUCK: i32 = 1;
/// Symptom: a value outside the usual range.
pub const BW_SYMPTOM_RANGE: i32 = 2;
/// Symptom: a change faster than is usual.
pub const BW_SYMPTOM_RATE: i32 = 3;

/// Flag: news for people, the start of an alarm, its rise to critical, or its clear.
pub const BW_FLAG_NEWS: u32 = 1;
/// Flag: the alarm was acknowledged.
pub const BW_FLAG_ACKNOWLEDGED: u32 = 2;
/// Flag: the kind is final.
pub const BW_FLAG_KIND_FINAL: u32 = 4;
/// Flag: the variable of the kind is beyond its usual range.
pub const BW_FLAG_OUTSIDE: u32 = 8;
/// Flag of a model: its k of n are anomalous.
pub const BW_FLAG_CONFIRMED: u32 = 16;

/// State, its number of frames to go, and the cause of blindness.
pub(crate) fn of_state(state: State) -> (i32, u32, i32) {
    match state {
        State::Warming { left } => (BW_STATE_WARMING, left, BW_NONE),
        State::Normal => (BW_STATE_NORMAL, 0, BW_NONE),
        State::Adapted => (BW_STATE_ADAPTED, 0, BW_NONE),
        State::Early => (BW_STATE_EARLY, 0, BW_NONE),
        State::Blind { cause } => (BW_STATE_BLIND, 0, of_cause(cause)),
        _ => (BW_STATE_ANOMALOUS, 0, BW_NONE),
    }
}

fn of_cause(cause: Blindness) -> i32 {
    match cause {
        Blindness::Input(Cause::NotFinite) => BW_CAUSE_NOT_FINITE,
        Blindness::Input(Cause::Sensor) => BW_CAUSE_SENSOR,
        Blindness::Input(Cause::Stuck) => BW_CAUSE_STUCK,
        Blindness::OutOfOrder => BW_CAUSE_OUT_OF_ORDER,
        Blindness::Training => BW_CAUSE_TRAINING,
        Blindness::ThresholdInflated => BW_CAUSE_THRESHOLD_INFLATED,
        _ => BW_CAUSE_MISSING,
    }
}

pub(crate) fn of_phase(phase: Phase) -> i32 {
    match phase {
        Phase::Quiet => BW_PHASE_QUIET,
        Phase::Start => BW_PHASE_START,
        Phase::Update => BW_PHASE_UPDATE,
        Phase::Clear => BW_PHASE_CLEAR,
    }
}

pub(crate) fn of_grade(grade: Grade) -> i32 {
    match grade {
        Grade::None => BW_GRADE_NONE,
        Grade::Info => BW_GRADE_INFO,
        Grade::Critical => BW_GRADE_CRITICAL,
        _ => BW_GRADE_WARNING,
    }
}

pub(crate) fn of_kind(kind: Kind) -> i32 {
    let place = Kind::ALL.into_iter().position(|known| known == kind);
    place.map_or(BW_NONE, |place| place as i32)
}

pub(crate) fn of_symptom(symptom: Symptom) -> i32 {
    match symptom {
        Symptom::Missing => BW_SYMPTOM_MISSING,
        Symptom::Stuck => BW_SYMPTOM_STUCK,
        Symptom::Range => BW_SYMPTOM_RANGE,
        _ => BW_SYMPTOM_RATE,
    }
}

pub(crate) fn of_settings(error: SettingsError) -> i32 {
    match error.field {
        "rows" => BW_ERR_LEARN_ROWS,
        "promise" => BW_ERR_PROMISE,
        "rows_per_day" => BW_ERR_ROWS_PER_DAY,
        _ => BW_ERR_VARIABLES,
    }
}

pub(crate) fn of_snapshot(error: SnapshotError) -> i32 {
    match error {
        SnapshotError::BufferFull => BW_ERR_BUFFER,
        SnapshotError::Shape { .. } => BW_ERR_SHAPE,
        SnapshotError::Version { .. } => BW_ERR_VERSION,
        _ => BW_ERR_SNAPSHOT,
    }
}
