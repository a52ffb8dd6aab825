//! The choices of a user.

use crate::code::{BW_ERR_PROMISE, BW_ERR_ROWS_PER_DAY, BW_ERR_SIZE, BW_ERR_VARIABLES, BW_OK};
use crate::memory;
use crate::shape::{SHAPE, VARIABLES};
use bellwether::quartet::{Shape, fitting};
use bellwether::sentinel::Settings;
use bellwether::{Promise, alarm};

/// The choices of a user. Fill it with `bw_config_default`, then change what is to be different.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct bw_config {
    /// Bytes of the structure.
    pub size: u32,
    /// Variables of a frame, 1 to `BW_VARIABLES`.
    pub variables: u32,
    /// Frames to learn from before the first decision, 20 to 200,000.
    pub learn_rows: u32,
    /// False alarms to be accepted per 10,000 frames, 0.001 to 1,000.
    pub promise: f32,
    /// Frames per day, 24 to 65,535, if what happens daily is to raise no alarm; 0: not known.
    pub rows_per_day: u32,
    /// 0.
    pub reserved: u32,
}

impl bw_config {
    /// All variables of the archive, 1,000 frames, a promise of 1.
    ///
    /// cbindgen:ignore
    pub const DEFAULT: Self = Self {
        size: size_of::<Self>() as u32,
        variables: VARIABLES as u32,
        learn_rows: 1000,
        promise: 1.0,
        rows_per_day: 0,
        reserved: 0,
    };

    pub(crate) fn settings(&self) -> Result<Settings<fitting::Settings>, i32> {
        if self.size < size_of::<Self>() as u32 {
            return Err(BW_ERR_SIZE);
        }
        let variables = u16::try_from(self.variables).map_err(|_| BW_ERR_VARIABLES)?;
        if variables == 0 || variables > SHAPE.variables {
            return Err(BW_ERR_VARIABLES);
        }
        let day = u16::try_from(self.rows_per_day).map_err(|_| BW_ERR_ROWS_PER_DAY)?;
        let promise = Promise::per_10_000_rows(self.promise).map_err(|_| BW_ERR_PROMISE)?;
        Ok(Settings {
            alarm: alarm::Settings {
                promise,
                rows_per_day: (day > 0).then_some(day),
            },
            ..Settings::of_shape(Shape { variables, ..SHAPE }, self.learn_rows)
        })
    }
}

/// Fills a configuration with the defaults: `BW_VARIABLES` variables, 1,000 frames to learn from, 1 false alarm per
/// 10,000 frames.
///
/// # Safety
/// `config` is null or points to a `bw_config`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bw_config_default(config: *mut bw_config) -> i32 {
    // SAFETY: the caller's contract.
    memory::code(unsafe { memory::put(config, bw_config::DEFAULT) }.map(|()| BW_OK))
}
