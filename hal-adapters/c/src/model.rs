//! A trained network: an autoencoder over windows of frames, with the alarm that its model advises.

use crate::code::{
    BW_ERR_MEMORY, BW_ERR_MODEL, BW_ERR_MODEL_SIZE, BW_ERR_MODEL_THRESHOLD, BW_ERR_VARIABLES,
    BW_ERR_VERSION, BW_OK, BW_WARMING,
};
use crate::memory::{self, Marked, code, state_mut};
use crate::shape::{MODEL_ARENA, MODEL_VARIABLES, MODEL_WINDOW};
use crate::verdict::{bw_part, bw_verdict};
use bellwether::autoencoder::windowed::Rules;
use bellwether::autoencoder::{Alarm, Reason, Windowed};
use bellwether::{Cause, Detector, Model, ModelError, Reading, SettingsError, Tick};

/// cbindgen:ignore
type Network = Windowed<MODEL_VARIABLES, MODEL_WINDOW, MODEL_ARENA>;
/// cbindgen:ignore
type ModelRules = Rules<'static, MODEL_VARIABLES, MODEL_WINDOW, MODEL_ARENA>;

/// A model's detector in memory of the caller: `BW_MODEL_BYTES` bytes, aligned to `BW_STATE_ALIGN`.
pub struct bw_model {
    rules: ModelRules,
    network: Network,
    alarm: Alarm,
    /// The tick of the next frame.
    next: u64,
    mark: u32,
}

impl Marked for bw_model {
    const MARK: u32 = 0xbe11_0002 ^ ((size_of::<Self>() as u32) << 4);

    unsafe fn mark(state: *const Self) -> *const u32 {
        // SAFETY: within memory of this size, by the contract.
        unsafe { &raw const (*state).mark }
    }
}

impl bw_model {
    fn observe(&mut self, frame: &[f32]) -> Result<bw_verdict, i32> {
        let mut readings = [Reading::Absent(Cause::Missing); MODEL_VARIABLES];
        if frame.len() > MODEL_VARIABLES {
            return Err(BW_ERR_VARIABLES);
        }
        for (place, value) in readings.iter_mut().zip(frame) {
            *place = (*value).into();
        }
        let tick = Tick(self.next);
        self.next = self.next.saturating_add(1);
        let answer = self.network.observe(&self.rules, tick, &readings);
        let whole = self.rules.whole();
        let answer = self.alarm.observe(whole, self.network.detector(), answer);
        let top = match (answer.score, whole.model().reconstructed()) {
            (Some(_), 1..) => self.network.top_variables::<3>(&self.rules),
            (Some(_), 0) if answer.is_anomalous() => self.network.occluded(&self.rules),
            _ => [None; 3],
        };
        let top = top.map(|part| part.map_or(bw_part::NONE, bw_part::from));
        let reason = self.alarm.reason().map_or(0, Reason::code);
        let verdict = bw_verdict::of(tick, &answer, top);
        Ok(verdict.with_reason(reason, self.alarm.is_confirmed()))
    }
}

fn of_model(error: ModelError) -> i32 {
    match error {
        ModelError::Version { .. } => BW_ERR_VERSION,
        _ => BW_ERR_MODEL,
    }
}

fn of_rules(error: SettingsError) -> i32 {
    match error.field {
        "model.variables" | "model.window" | "arena" => BW_ERR_MODEL_SIZE,
        _ => BW_ERR_MODEL_THRESHOLD,
    }
}

/// Begins with a trained model: what `bellwether model train` or `pack` wrote, at a multiple of 4 bytes. It is used in
/// place, so that it stays in flash, and must stay there as long as the detector is used.
///
/// # Safety
/// `detector` is null or points to `bytes` bytes that were written before, as static memory is, and that nothing else
/// uses during the call; `model` points to `model_bytes` bytes that do not change while the detector is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_model_init(
    detector: *mut bw_model,
    bytes: usize,
    model: *const u8,
    model_bytes: usize,
) -> i32 {
    let begin = || {
        memory::usable(detector)?;
        if bytes < size_of::<bw_model>() {
            return Err(BW_ERR_MEMORY);
        }
        // SAFETY: not null, aligned and large enough. Refused arguments leave no usable state behind.
        unsafe { bw_model::mark(detector).cast_mut().write(0) };
        memory::usable(model)?;
        // SAFETY: the caller's contract.
        let model = unsafe { memory::slice(model, model_bytes) }?;
        let model = Model::parse(model).map_err(of_model)?;
        let rules = ModelRules::new(model).map_err(of_rules)?;
        // SAFETY: the places are inside memory of the detector's size; nobody else uses it.
        unsafe {
            (&raw mut (*detector).rules).write(rules);
            (&raw mut (*detector).network).write(const { Windowed::new() });
            (&raw mut (*detector).alarm).write(Alarm::new());
            (&raw mut (*detector).next).write(0);
            (&raw mut (*detector).mark).write(bw_model::MARK);
        }
        Ok(BW_OK)
    };
    code(begin())
}

/// Judges a frame with the model. NaN is a missing value; a short frame lacks its last variables. `BW_WARMING`: the
/// window is not full yet.
///
/// # Safety
/// `detector` is null or what `bw_model_init` began, used by nothing else during the call; `values` points to `count`
/// floats, `verdict` to a `bw_verdict` whose member `size` is set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_model_observe(
    detector: *mut bw_model,
    values: *const f32,
    count: usize,
    verdict: *mut bw_verdict,
) -> i32 {
    let take = || {
        // SAFETY: the caller's contract.
        let (detector, frame) = unsafe { (state_mut(detector)?, memory::slice(values, count)?) };
        // SAFETY: the caller's contract.
        unsafe { crate::verdict::expect_size(verdict) }?;
        let answer = detector.observe(frame)?;
        let said = if answer.is_warming() {
            BW_WARMING
        } else {
            BW_OK
        };
        // SAFETY: the caller's contract.
        unsafe { memory::put(verdict, answer) }.map(|()| said)
    };
    code(take())
}

/// Passes over frames that never came; the window begins again.
///
/// # Safety
/// `detector` is null or what `bw_model_init` began.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_model_skip(detector: *mut bw_model, frames: u32) -> i32 {
    // SAFETY: the caller's contract.
    let found = unsafe { state_mut(detector) };
    code(found.map(|detector| {
        detector.next = detector.next.saturating_add(frames.into());
        BW_OK
    }))
}
