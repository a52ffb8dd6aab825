//! The answer to a frame.

use crate::code::{
    BW_ERR_SIZE, BW_FLAG_ACKNOWLEDGED, BW_FLAG_CONFIRMED, BW_FLAG_KIND_FINAL, BW_FLAG_NEWS,
    BW_FLAG_OUTSIDE, BW_NONE, BW_STATE_WARMING, of_grade, of_kind, of_phase, of_state,
};
use crate::memory::usable;
use bellwether::alarm::Event;
use bellwether::autoencoder::Contribution;
use bellwether::kind::Finding;
use bellwether::{Assessment, Tick};

/// A variable's part in a score.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct bw_part {
    /// Index of the variable; `BW_NONE` if there is none.
    pub variable: i32,
    /// Its share in the surprise of the last frames; of a model, its error in scaled units.
    pub share: f32,
    /// Its value; NaN: missing.
    pub value: f32,
    /// The value that was expected: the mean of what was learned, or the model's.
    pub expected: f32,
}

impl bw_part {
    pub(crate) const NONE: Self = Self {
        variable: BW_NONE,
        share: f32::NAN,
        value: f32::NAN,
        expected: f32::NAN,
    };
}

impl From<Contribution> for bw_part {
    fn from(part: Contribution) -> Self {
        Self {
            variable: part.feature as i32,
            share: part.error,
            value: part.value,
            expected: part.expected,
        }
    }
}

/// The parts with the largest shares, largest first; the earlier one of equals.
pub(crate) fn largest(parts: impl Iterator<Item = bw_part>) -> [bw_part; 3] {
    parts.fold([bw_part::NONE; 3], |mut top, mut part| {
        for held in &mut top {
            if held.variable == BW_NONE || part.share > held.share {
                core::mem::swap(held, &mut part);
            }
        }
        top
    })
}

/// A complaint about a sensor.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct bw_complaint {
    /// Index of the variable.
    pub variable: i32,
    /// `BW_SYMPTOM_...`.
    pub symptom: i32,
    /// Frames for which it has lasted, 1 at its first.
    pub rows: u32,
    /// 0.
    pub reserved: u32,
}

/// The answer to a frame. Set `size` to its `sizeof` before the first call. A number that does not exist is NaN.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct bw_verdict {
    /// Bytes of the structure.
    pub size: u32,
    /// `BW_STATE_...`.
    pub state: i32,
    /// Number of the frame, from 0.
    pub tick: u64,
    /// How unusual the frame is, in deviations: near 0 is usual. Of a model, its score.
    pub score: f32,
    /// An alarm starts at a score this high; a model's frame is anomalous above it.
    pub threshold: f32,
    /// Frames before the first decision, while warming.
    pub left: u32,
    /// `BW_CAUSE_...` while blind, else `BW_NONE`.
    pub cause: i32,
    /// `BW_GRADE_...` of the frame.
    pub grade: i32,
    /// `BW_PHASE_...` of the alarm.
    pub phase: i32,
    /// `BW_FLAG_...`.
    pub flags: u32,
    /// Frames since the start of the alarm.
    pub age: u32,
    /// Highest score of the alarm; NaN without one.
    pub peak: f32,
    /// `BW_KIND_...` of the change, `BW_NONE` without an alarm.
    pub kind: i32,
    /// Index of the variable of the kind, or `BW_NONE`.
    pub kind_variable: i32,
    /// Its largest difference from frame to frame, in usual differences.
    pub jump: f32,
    /// Its level of the last frames less that of the last hundreds, in deviations.
    pub shift: f32,
    /// Its frames with the last value.
    pub run: u32,
    /// Its share of missing values.
    pub gaps: f32,
    /// Complaints about sensors; `bw_complaint_of` has each.
    pub complaints: u32,
    /// Of a model, the code of the reason; 0: none.
    pub reason: i32,
    /// `BW_GRADE_...` of the alarm so far, from its start to its clear.
    pub alarm_grade: i32,
    /// The variables with the largest shares, largest first.
    pub top: [bw_part; 3],
}

const _: () = {
    // No padding: the sum of the members is the size, on every target.
    assert!(size_of::<bw_verdict>() == 22 * 4 + size_of::<[bw_part; 3]>());
    assert!(size_of::<bw_part>() == 16 && size_of::<bw_complaint>() == 16);
};

impl bw_verdict {
    pub(crate) fn of(tick: Tick, answer: &Assessment, top: [bw_part; 3]) -> Self {
        let (state, left, cause) = of_state(answer.state);
        Self {
            size: size_of::<Self>() as u32,
            state,
            tick: tick.0,
            score: answer.score.unwrap_or(f32::NAN),
            threshold: answer.threshold.unwrap_or(f32::NAN),
            left,
            cause,
            grade: 0,
            phase: 0,
            flags: 0,
            age: 0,
            peak: f32::NAN,
            kind: BW_NONE,
            kind_variable: BW_NONE,
            jump: f32::NAN,
            shift: f32::NAN,
            run: 0,
            gaps: f32::NAN,
            complaints: 0,
            reason: 0,
            alarm_grade: 0,
            top,
        }
    }

    pub(crate) fn with_event(mut self, event: &Event) -> Self {
        self.grade = of_grade(event.grade);
        self.phase = of_phase(event.phase);
        if event.is_news {
            self.flags |= BW_FLAG_NEWS;
        }
        if let Some(episode) = event.episode {
            (self.age, self.peak) = (episode.age, episode.peak);
            self.alarm_grade = of_grade(episode.grade);
            if episode.acknowledged {
                self.flags |= BW_FLAG_ACKNOWLEDGED;
            }
        }
        self
    }

    pub(crate) fn with_finding(mut self, finding: Option<Finding>) -> Self {
        let Some(found) = finding else { return self };
        self.kind = of_kind(found.kind);
        self.kind_variable = found.variable.into();
        (self.jump, self.shift) = (found.jump, found.shift);
        (self.run, self.gaps) = (found.run.into(), found.gaps);
        if found.is_final {
            self.flags |= BW_FLAG_KIND_FINAL;
        }
        if found.is_outside {
            self.flags |= BW_FLAG_OUTSIDE;
        }
        self
    }

    pub(crate) fn with_reason(mut self, reason: u8, confirmed: bool) -> Self {
        self.reason = reason.into();
        if confirmed {
            self.flags |= BW_FLAG_CONFIRMED;
        }
        self
    }

    pub(crate) const fn is_warming(&self) -> bool {
        self.state == BW_STATE_WARMING
    }
}

/// Refuses a verdict that is smaller than this archive's.
///
/// # Safety
/// The pointer is null, not aligned, or that of a verdict whose member `size` is set.
pub(crate) unsafe fn expect_size(verdict: *const bw_verdict) -> Result<(), i32> {
    usable(verdict)?;
    // SAFETY: not null, aligned, and a verdict by the contract; the other members may be unset.
    let size = unsafe { (&raw const (*verdict).size).read() };
    if size < size_of::<bw_verdict>() as u32 {
        return Err(BW_ERR_SIZE);
    }
    Ok(())
}
