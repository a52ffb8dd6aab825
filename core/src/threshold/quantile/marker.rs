//! One move of a marker.

/// A height and its position, 1 or more.
#[derive(Clone, Copy)]
pub(super) struct Marker(pub f32, pub u32);

impl Marker {
    /// The marker between two others, one position nearer to `wanted`, which counts from 0 in units
    /// of 2^-32.
    pub fn adjusted(self, left: Self, right: Self, wanted: u64) -> Self {
        const ONE: u64 = 1 << 32;
        let Self(height, position) = self;
        let place = u64::from(position - 1) << 32;
        let (below, above) = (position - left.1, right.1 - position);
        let ((down, up), step) = if wanted >= place.saturating_add(ONE) && above > 1 {
            ((below as f32 + 1.0, above as f32 - 1.0), 1.0)
        } else if wanted.saturating_add(ONE) <= place && below > 1 {
            ((below as f32 - 1.0, above as f32 + 1.0), -1.0)
        } else {
            return self;
        };
        let (below, above) = (below as f32, above as f32);
        let (rise, fall) = ((right.0 - height) / above, (height - left.0) / below);
        let parabola = height + step / (below + above) * (down * rise + up * fall);
        let moved = if left.0 < parabola && parabola < right.0 {
            parabola
        } else {
            height + if step > 0.0 { rise } else { -fall }
        };
        let position = if step > 0.0 {
            position + 1
        } else {
            position - 1
        };
        // Rounding leads beyond a neighbour by a bit at most.
        Self(moved.max(left.0).min(right.0), position)
    }
}
