//! The default detector: a sentinel that fits itself to its first frames.

use crate::code::{
    BW_ERR_INDEX, BW_ERR_MEMORY, BW_ERR_VARIABLES, BW_OK, BW_READY, BW_WARMING, of_settings,
    of_symptom,
};
use crate::config::bw_config;
use crate::memory::{self, Marked, code, state, state_mut};
use crate::shape::{SHAPE, VARIABLES};
use crate::verdict::{bw_complaint, bw_part, bw_verdict, largest};
use bellwether::{Cause, Detector, Reading, Sentinel, Snapshot, Tick, sentinel_of};

/// The detector's type.
///
/// cbindgen:ignore
pub(crate) type Guard = sentinel_of!(SHAPE);
/// Its rules.
///
/// cbindgen:ignore
pub(crate) type Rules = <Guard as Detector>::Rules<'static>;

/// A detector in memory of the caller: `BW_STATE_BYTES` bytes, aligned to `BW_STATE_ALIGN`.
pub struct bw_detector {
    pub(crate) rules: Rules,
    pub(crate) guard: Guard,
    /// The tick of the next frame.
    pub(crate) next: u64,
    pub(crate) variables: usize,
    mark: u32,
}

/// Bytes of the largest snapshot.
///
/// cbindgen:ignore
pub(crate) const SNAPSHOT_MAX: usize = Guard::SNAPSHOT_MAX;

impl Marked for bw_detector {
    const MARK: u32 = 0xbe11_0001 ^ ((size_of::<Self>() as u32) << 4);

    unsafe fn mark(state: *const Self) -> *const u32 {
        // SAFETY: within memory of this size, by the contract.
        unsafe { &raw const (*state).mark }
    }
}

impl bw_detector {
    /// Takes a frame. The code tells whether learning goes on, or has ended with it.
    fn observe(&mut self, frame: &[f32]) -> Result<(i32, bw_verdict), i32> {
        let mut readings = [Reading::Absent(Cause::Missing); VARIABLES];
        if frame.len() > self.variables {
            return Err(BW_ERR_VARIABLES);
        }
        for (place, value) in readings.iter_mut().zip(frame) {
            *place = (*value).into();
        }
        let used = readings.get(..self.variables).unwrap_or_default();
        let tick = Tick(self.next);
        self.skip(1);
        let learned = self.has_learned();
        let answer = self.guard.observe(&self.rules, tick, used);
        let top = match answer.score {
            Some(_) => largest(self.parts(used)),
            None => [bw_part::NONE; 3],
        };
        let mut verdict = bw_verdict::of(tick, &answer, top)
            .with_event(&self.guard.event())
            .with_finding(self.guard.finding());
        verdict.complaints = self.guard.complaints().count() as u32;
        let said = match (learned, self.has_learned()) {
            (false, true) => BW_READY,
            _ if verdict.is_warming() => BW_WARMING,
            _ => BW_OK,
        };
        Ok((said, verdict))
    }

    fn has_learned(&self) -> bool {
        self.guard.detector().is_fitted(self.rules.detector())
    }

    fn parts(&self, frame: &[Reading]) -> impl Iterator<Item = bw_part> {
        let means = self.guard.detector().quartet().means();
        let parts = self.guard.shares().zip(frame.iter().zip(means));
        parts.map(|((variable, share), (reading, expected))| bw_part {
            variable: variable as i32,
            share,
            value: reading.usable().unwrap_or(f32::NAN),
            expected,
        })
    }

    fn skip(&mut self, frames: u32) {
        self.next = self.next.saturating_add(frames.into());
    }
}

/// Begins. Takes `BW_STATE_BYTES` bytes of memory and the choices of a user, `NULL` for the defaults.
///
/// `knowledge`: the bytes of an earlier `bw_save`, of this device, of another one or of a PC, with the same
/// capacities and configuration; the detector goes on from there. `NULL` and 0: it begins without knowledge, and
/// learns from its first `learn_rows` frames.
///
/// # Safety
/// Each pointer is null or points to what its name says, `knowledge` to so many bytes; `detector` to `bytes` bytes
/// that were written before, as static memory is. Nothing else uses `detector` during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_init(
    detector: *mut bw_detector,
    bytes: usize,
    config: *const bw_config,
    knowledge: *const u8,
    knowledge_bytes: usize,
) -> i32 {
    let begin = || {
        memory::usable(detector)?;
        if bytes < size_of::<bw_detector>() {
            return Err(BW_ERR_MEMORY);
        }
        // SAFETY: not null, aligned and large enough. Refused arguments leave no usable state behind.
        unsafe { bw_detector::mark(detector).cast_mut().write(0) };
        let config = if config.is_null() {
            bw_config::DEFAULT
        } else {
            memory::usable(config)?;
            // SAFETY: not null, aligned, and a configuration by the caller's contract.
            unsafe { config.read() }
        };
        let rules = Rules::try_from(config.settings()?).map_err(of_settings)?;
        // SAFETY: the caller's contract.
        let knowledge = unsafe { memory::slice(knowledge, knowledge_bytes) }?;
        // SAFETY: the places are inside memory of the detector's size; nobody else uses it.
        unsafe {
            (&raw mut (*detector).guard).write(const { Sentinel::new() });
            (&raw mut (*detector).rules).write(rules);
            (&raw mut (*detector).next).write(0);
            (&raw mut (*detector).variables).write(config.variables as usize);
            (&raw mut (*detector).mark).write(bw_detector::MARK);
        }
        if knowledge.is_empty() {
            return Ok(BW_OK);
        }
        // SAFETY: initialised above.
        let begun = unsafe { &mut *detector };
        crate::snapshot::restore(begun, knowledge).inspect_err(|_| begun.mark = 0)
    };
    code(begin())
}

/// Learns from a frame, without an answer. `BW_WARMING`: more frames are needed; `BW_READY`: this was the last one;
/// `BW_OK`: all is learned already, and the frame is taken as by `bw_observe`.
///
/// # Safety
/// As `bw_observe`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_learn(
    detector: *mut bw_detector,
    values: *const f32,
    count: usize,
) -> i32 {
    let take = || {
        // SAFETY: the caller's contract.
        let (detector, frame) = unsafe { (state_mut(detector)?, memory::slice(values, count)?) };
        detector.observe(frame).map(|(said, _)| said)
    };
    code(take())
}

/// Judges a frame, and learns from it. NaN is a missing value; a short frame lacks its last variables. Before all is
/// learned the answer is `BW_STATE_WARMING`.
///
/// # Safety
/// `detector` is null or what `bw_init` began, used by nothing else during the call; `values` points to `count`
/// floats, `verdict` to a `bw_verdict` whose member `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_observe(
    detector: *mut bw_detector,
    values: *const f32,
    count: usize,
    verdict: *mut bw_verdict,
) -> i32 {
    let take = || {
        // SAFETY: the caller's contract.
        let (detector, frame) = unsafe { (state_mut(detector)?, memory::slice(values, count)?) };
        // SAFETY: the caller's contract.
        unsafe { crate::verdict::expect_size(verdict) }?;
        let (said, answer) = detector.observe(frame)?;
        // SAFETY: the caller's contract.
        unsafe { memory::put(verdict, answer) }.map(|()| said)
    };
    code(take())
}

/// Passes over frames that never came: a gap in time.
///
/// # Safety
/// `detector` is null or what `bw_init` began.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_skip(detector: *mut bw_detector, frames: u32) -> i32 {
    // SAFETY: the caller's contract.
    let found = unsafe { state_mut(detector) };
    code(found.map(|detector| {
        detector.skip(frames);
        BW_OK
    }))
}

/// Forgets everything that was learned. Ticks continue.
///
/// # Safety
/// `detector` is null or what `bw_init` began.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_reset(detector: *mut bw_detector) -> i32 {
    // SAFETY: the caller's contract.
    let found = unsafe { state_mut(detector) };
    code(found.map(|detector| {
        detector.guard.reset();
        BW_OK
    }))
}

/// Acknowledges the alarm, which then is news only when it clears. `BW_ERR_INDEX`: there is none.
///
/// # Safety
/// `detector` is null or what `bw_init` began.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_acknowledge(detector: *mut bw_detector) -> i32 {
    // SAFETY: the caller's contract.
    let found = unsafe { state_mut(detector) };
    code(found.and_then(|detector| {
        let was_on = detector.guard.alarm().acknowledge();
        if was_on { Ok(BW_OK) } else { Err(BW_ERR_INDEX) }
    }))
}

/// Makes nothing news for so many frames; 0 ends the silence.
///
/// # Safety
/// `detector` is null or what `bw_init` began.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_silence(detector: *mut bw_detector, frames: u16) -> i32 {
    // SAFETY: the caller's contract.
    let found = unsafe { state_mut(detector) };
    code(found.map(|detector| {
        detector.guard.alarm().silence(frames);
        BW_OK
    }))
}

/// Each variable's share in the surprise of the last frames, for the first `count` variables.
///
/// # Safety
/// `detector` is null or what `bw_init` began; `shares` points to `count` floats.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_shares(
    detector: *const bw_detector,
    shares: *mut f32,
    count: usize,
) -> i32 {
    let read = || {
        // SAFETY: the caller's contract.
        let (detector, shares) = unsafe { (state(detector)?, memory::slice_mut(shares, count)?) };
        if count > detector.variables {
            return Err(BW_ERR_VARIABLES);
        }
        for (place, (_, share)) in shares.iter_mut().zip(detector.guard.shares()) {
            *place = share;
        }
        Ok(BW_OK)
    };
    code(read())
}

/// A complaint about a sensor after the last frame, `index` from 0 to below `complaints` of its verdict.
///
/// # Safety
/// `detector` is null or what `bw_init` began; `complaint` is null or points to a `bw_complaint`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_complaint_of(
    detector: *const bw_detector,
    index: u32,
    complaint: *mut bw_complaint,
) -> i32 {
    let read = || {
        // SAFETY: the caller's contract.
        let detector = unsafe { state(detector) }?;
        let found = detector.guard.complaints().nth(index as usize);
        let found = found.ok_or(BW_ERR_INDEX)?;
        let said = bw_complaint {
            variable: found.variable.into(),
            symptom: of_symptom(found.symptom),
            rows: found.rows.into(),
            reserved: 0,
        };
        // SAFETY: the caller's contract.
        unsafe { memory::put(complaint, said) }.map(|()| BW_OK)
    };
    code(read())
}
