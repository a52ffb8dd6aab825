//! Transposed convolutions along the frames as plain ones.
//!
//! Frame `t` adds its product with tap `k` to output frame `stride·t + k - before`. Output frames in groups
//! of `stride`: in each group, frame `p` sees the taps with `k = p + before` modulo the stride, and so a
//! plain convolution of stride 1 gives a whole group for each frame.

use super::chain::Chain;
use super::kernel::{Kernel, Padding};
use super::view::{MOST, View, elements};
use crate::model::WIDEST;
use anyhow::{Context, Result, ensure};

/// The sizes of a transposed convolution.
#[derive(Clone, Copy, Debug)]
pub struct Transposed {
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame it takes.
    pub channels: usize,
    /// Values of a frame it gives.
    pub filters: usize,
    /// Output frames that an input frame adds to.
    pub kernel: usize,
    /// Output frames from one input frame to the next.
    pub stride: usize,
    /// Output frames that are dropped in front.
    pub before: usize,
    /// Output frames.
    pub given: usize,
}

/// The same as a plain convolution of stride 1 that gives groups of frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain<T> {
    /// Groups; the last may have more frames than are given.
    pub groups: usize,
    /// Frames that a group sees.
    pub kernel: usize,
    /// Frames of zeros.
    pub padding: Padding,
    /// For each frame of a group and each filter, `kernel` frames of weights.
    pub weights: Vec<T>,
}

impl Transposed {
    /// The plain convolution, from weights by filter, tap and channel.
    ///
    /// # Errors
    /// A size is 0 or out of reach.
    pub fn plain<T: Copy + Default>(&self, weights: &[T]) -> Result<Plain<T>> {
        let Self {
            frames,
            channels,
            filters,
            kernel,
            stride,
            before,
            given,
        } = *self;
        let sizes = [frames, channels, filters, kernel, stride, given];
        ensure!(
            sizes.iter().all(|n| (1..=WIDEST).contains(n)) && before <= WIDEST,
            "{frames} frames of {channels}, {filters} filters, a kernel of {kernel}, a stride of {stride}, \
             {given} frames out"
        );
        ensure!(
            weights.len() == filters * kernel * channels,
            "{} weights for {filters} filters, a kernel of {kernel} and {channels} channels",
            weights.len()
        );
        // For each tap: the frame of the group, and by how many the input frame is later than the group.
        let step = |p: usize, tap: usize| {
            let distance = (p + before) as i64 - tap as i64;
            (distance % stride as i64 == 0).then(|| distance / stride as i64)
        };
        let taps = |p: usize| ((p + before) % stride..kernel).step_by(stride);
        let steps = || (0..stride).flat_map(|p| taps(p).filter_map(move |tap| step(p, tap)));
        let groups = given.div_ceil(stride);
        let first = steps().min().unwrap_or(0).min(0);
        let last = steps()
            .max()
            .unwrap_or(0)
            .max(frames as i64 - groups as i64);
        let last = last.max(0);
        let seen = usize::try_from(last - first)? + 1;
        let rows = elements(&[stride, filters], MOST)?;
        let mut plain = vec![T::default(); elements(&[rows, seen, channels], MOST)?];
        for p in 0..stride {
            for tap in taps(p) {
                let step = step(p, tap).context("a tap")?;
                for filter in 0..filters {
                    let from = (filter * kernel + tap) * channels;
                    let row = (p * filters + filter) * seen;
                    let to = (row + usize::try_from(step - first)?) * channels;
                    plain[to..to + channels].copy_from_slice(&weights[from..from + channels]);
                }
            }
        }
        let after = groups as i64 - 1 + last - (frames as i64 - 1);
        Ok(Plain {
            groups,
            kernel: seen,
            padding: Padding {
                before: usize::try_from(-first)?,
                after: usize::try_from(after)?,
            },
            weights: plain,
        })
    }

    /// Appends it to a chain: frames and channels in, frames and filters out.
    ///
    /// # Errors
    /// As [`plain`](Self::plain), or the network becomes too large.
    pub fn apply(
        &self,
        chain: &mut Chain,
        frames: &View,
        weights: &[f32],
        biases: &[f32],
    ) -> Result<View> {
        let plain = self.plain(weights)?;
        let kernel = Kernel {
            filters: self.stride * self.filters,
            kernel: plain.kernel,
            channels: self.channels,
            weights: plain.weights,
            biases: biases.repeat(self.stride),
        };
        let layer = kernel.over(self.frames, 1, plain.padding)?;
        let given = chain.frames(frames, layer)?;
        let each = given.shaped(&[plain.groups * self.stride, self.filters])?;
        each.taken(0, &(0..self.given).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: every frame adds its products to the frames it reaches.
    fn scattered(sizes: &Transposed, weights: &[i32], x: &[i32]) -> Vec<i32> {
        let mut y = vec![0; sizes.given * sizes.filters];
        for t in 0..sizes.frames {
            for (k, weight) in weights.iter().enumerate() {
                let (row, channel) = (k / sizes.channels, k % sizes.channels);
                let (filter, tap) = (row / sizes.kernel, row % sizes.kernel);
                let to = (sizes.stride * t + tap).checked_sub(sizes.before);
                if let Some(to) = to.filter(|to| *to < sizes.given) {
                    y[to * sizes.filters + filter] += weight * x[t * sizes.channels + channel];
                }
            }
        }
        y
    }

    fn slid(sizes: &Transposed, plain: &Plain<i32>, x: &[i32]) -> Vec<i32> {
        let zeros = |frames: usize| vec![0; frames * sizes.channels];
        let Padding { before, after } = plain.padding;
        let padded = [zeros(before), x.to_vec(), zeros(after)].concat();
        let under = plain.kernel * sizes.channels;
        let frames = padded.windows(under).step_by(sizes.channels);
        assert_eq!(frames.len(), plain.groups);
        let all = frames.flat_map(|under| {
            let rows = plain.weights.chunks(under.len());
            rows.map(move |row| row.iter().zip(under).map(|(w, x)| w * x).sum())
        });
        all.take(sizes.given * sizes.filters).collect()
    }

    /// Broken by a tap in another frame, by a frame too many or too few on either side.
    #[test]
    fn groups_of_frames_are_those_of_the_definition() {
        for (frames, kernel, stride, before, given) in [
            (4, 7, 2, 2, 8),
            (4, 7, 2, 3, 7),
            (5, 3, 1, 1, 5),
            (3, 4, 3, 0, 10),
            (3, 2, 5, 0, 15),
            (6, 2, 2, 0, 3),
            (1, 1, 1, 0, 1),
            (2, 3, 2, 4, 1),
        ] {
            let sizes = Transposed {
                frames,
                channels: 2,
                filters: 3,
                kernel,
                stride,
                before,
                given,
            };
            let weights: Vec<i32> = (0..(6 * kernel) as i32).map(|k| k * k % 101 - 50).collect();
            let x: Vec<i32> = (0..2 * frames as i32).map(|k| 7 * k % 13 - 5).collect();
            let plain = sizes.plain(&weights).unwrap();
            assert_eq!(
                slid(&sizes, &plain, &x),
                scattered(&sizes, &weights, &x),
                "{sizes:?}"
            );
        }
    }

    /// By hand: kernel 2 and stride 2 give each frame's products with both taps.
    #[test]
    fn without_overlap_a_group_is_a_frame() {
        let sizes = Transposed {
            frames: 3,
            channels: 1,
            filters: 1,
            kernel: 2,
            stride: 2,
            before: 0,
            given: 6,
        };
        let plain = sizes.plain(&[5, 7]).unwrap();
        assert_eq!((plain.kernel, plain.padding), (1, Padding::NONE));
        assert_eq!(plain.weights, [5, 7]);
        assert!(sizes.plain(&[5]).is_err());
        let far = Transposed {
            stride: usize::MAX,
            ..sizes
        };
        assert!(far.plain(&[5, 7]).is_err());
    }
}
