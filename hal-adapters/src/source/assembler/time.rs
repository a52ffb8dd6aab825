//! Time as the caller's clock gives it.

/// A time, or a span of it, in the caller's unit: `u64` of ticks, milliseconds or microseconds, or `f64`
/// of seconds. The zero of the clock is the caller's too.
pub trait Time: Copy + PartialOrd + Default {
    /// The time a span later; the latest time that can be, at most.
    fn plus(self, span: Self) -> Self;

    /// The span since an earlier time; none, or a negative one, since a later.
    fn since(self, earlier: Self) -> Self;

    /// A span this number of times.
    fn times(self, count: u32) -> Self;

    /// Number of whole spans in a span.
    fn whole(self, span: Self) -> u64;
}

impl Time for u64 {
    fn plus(self, span: Self) -> Self {
        self.saturating_add(span)
    }

    fn since(self, earlier: Self) -> Self {
        self.saturating_sub(earlier)
    }

    fn times(self, count: u32) -> Self {
        self.saturating_mul(count.into())
    }

    fn whole(self, span: Self) -> u64 {
        self.checked_div(span).unwrap_or(0)
    }
}

impl Time for f64 {
    fn plus(self, span: Self) -> Self {
        self + span
    }

    fn since(self, earlier: Self) -> Self {
        self - earlier
    }

    fn times(self, count: u32) -> Self {
        f64::from(count) * self
    }

    fn whole(self, span: Self) -> u64 {
        (self / span) as u64
    }
}
