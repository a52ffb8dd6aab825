//! Pools and upsampling along the frames, as convolutions.

use super::chain::Chain;
use super::kernel::{Kernel, Padding};
use super::transposed::Transposed;
use super::view::{MOST, View, elements};
use crate::model::float::Function;
use anyhow::{Context, Result, ensure};

/// The sizes of a pool.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame.
    pub channels: usize,
    /// Frames of one output.
    pub kernel: usize,
    /// Frames from one output to the next.
    pub stride: usize,
    /// Frames around, zeros for the mean.
    pub padding: Padding,
}

impl Pool {
    /// The mean of the frames under the kernel, zeros of the padding included.
    ///
    /// # Errors
    /// A size is 0 or out of reach.
    pub fn mean(&self, chain: &mut Chain, view: &View) -> Result<View> {
        let (n, kernel) = (self.channels, self.kernel);
        ensure!(kernel > 0, "a kernel of 0");
        let mut weights = vec![0.0; elements(&[n, kernel, n], MOST)?];
        for (k, row) in weights.chunks_mut(n).enumerate() {
            row[k / kernel] = 1.0 / kernel as f32;
        }
        self.slide(
            chain,
            view,
            (n, n, kernel),
            weights,
            self.stride,
            self.padding,
        )
    }

    /// The largest of the frames under the kernel, by `max(a, b) = a + max(0, b - a)`, a frame more in each
    /// layer. Behind a function that is never below 0 padding changes nothing.
    ///
    /// # Errors
    /// There is padding elsewhere, or a size is 0 or out of reach.
    pub fn largest(&self, chain: &mut Chain, view: &View) -> Result<View> {
        let (n, kernel) = (self.channels, self.kernel);
        ensure!(
            (1..=8).contains(&kernel),
            "a kernel of {kernel}; read are 1 to 8 frames"
        );
        let positive = chain.is_positive();
        ensure!(
            positive || self.padding == Padding::NONE,
            "it pads what may be below 0; pool without padding, or behind a Relu"
        );
        // A value is kept as max(0, x) and, where it may be below 0, max(0, -x).
        let parts: &[f32] = if positive { &[1.0] } else { &[1.0, -1.0] };
        // First every frame under the kernel; later the excess, the largest before, and the frames left.
        let kept = kernel * parts.len() * n;
        let mut weights = vec![0.0; elements(&[kept, kernel, n], MOST)?];
        for row in 0..kept {
            let (frame, part, channel) = (row / n / parts.len(), row / n % parts.len(), row % n);
            weights[(row * kernel + frame) * n + channel] = parts[part];
        }
        let mut view = self.slide(
            chain,
            view,
            (kept, n, kernel),
            weights,
            self.stride,
            self.padding,
        )?;
        chain.function(Function::Relu)?;
        let frames = view.shape()[0];
        // The largest so far is a sum of these rows, each with its factor.
        let mut sum: Vec<(usize, f32)> = parts.iter().copied().enumerate().collect();
        let mut left: Vec<Vec<(usize, f32)>> = (1..kernel)
            .map(|frame| {
                let first = frame * parts.len();
                parts
                    .iter()
                    .enumerate()
                    .map(|(k, factor)| (first + k, *factor))
                    .collect()
            })
            .collect();
        while !left.is_empty() {
            let next = left.remove(0);
            let negated: Vec<(usize, f32)> =
                sum.iter().map(|(row, factor)| (*row, -factor)).collect();
            let mut rows = vec![[next, negated].concat()];
            for kept in [&[sum][..], &left].concat() {
                for part in parts {
                    rows.push(
                        kept.iter()
                            .map(|(row, factor)| (*row, factor * part))
                            .collect(),
                    );
                }
            }
            view = self.combined(chain, &view, frames, &rows)?;
            chain.function(Function::Relu)?;
            sum = parts
                .iter()
                .enumerate()
                .map(|(k, factor)| (1 + k, *factor))
                .collect();
            sum.push((0, 1.0));
            let first = 1 + parts.len();
            for (frame, own) in left.iter_mut().enumerate() {
                let first = first + frame * parts.len();
                *own = parts
                    .iter()
                    .enumerate()
                    .map(|(k, factor)| (first + k, *factor))
                    .collect();
            }
        }
        self.combined(chain, &view, frames, &[sum])
    }

    /// Sums of rows of channels, frame by frame.
    fn combined(
        &self,
        chain: &mut Chain,
        view: &View,
        frames: usize,
        rows: &[Vec<(usize, f32)>],
    ) -> Result<View> {
        let n = self.channels;
        let channels = view.shape().last().copied().context("no channels")?;
        let mut weights = vec![0.0; elements(&[rows.len(), n, channels], MOST)?];
        for (k, row) in rows.iter().enumerate() {
            for (from, factor) in row {
                for channel in 0..n {
                    weights[(k * n + channel) * channels + from * n + channel] += factor;
                }
            }
        }
        let each = Self { frames, ..*self };
        each.slide(
            chain,
            view,
            (rows.len() * n, channels, 1),
            weights,
            1,
            Padding::NONE,
        )
    }

    fn slide(
        &self,
        chain: &mut Chain,
        view: &View,
        (filters, channels, kernel): (usize, usize, usize),
        weights: Vec<f32>,
        stride: usize,
        padding: Padding,
    ) -> Result<View> {
        let kernel = Kernel {
            filters,
            kernel,
            channels,
            weights,
            biases: vec![0.0; filters],
        };
        chain.frames(view, kernel.over(self.frames, stride, padding)?)
    }
}

/// Every frame `factor` times.
///
/// # Errors
/// A size is 0 or out of reach.
pub fn enlarged(
    chain: &mut Chain,
    view: &View,
    (frames, channels): (usize, usize),
    factor: usize,
) -> Result<View> {
    let given = frames.checked_mul(factor).context("too many frames")?;
    let mut weights = vec![0.0; elements(&[channels, factor, channels], MOST)?];
    for (k, row) in weights.chunks_mut(channels).enumerate() {
        row[k / factor] = 1.0;
    }
    let copies = Transposed {
        frames,
        channels,
        filters: channels,
        kernel: factor,
        stride: factor,
        before: 0,
        given,
    };
    copies.apply(chain, view, &weights, &vec![0.0; channels])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::float::FloatNet;

    fn net(
        frames: usize,
        relu: bool,
        step: impl FnOnce(&mut Chain, &View) -> Result<View>,
    ) -> FloatNet {
        let mut chain = Chain::new(2 * frames).unwrap();
        let view = View::whole(&[frames, 2], 100).unwrap();
        if relu {
            chain.function(Function::Relu).unwrap();
        }
        let given = step(&mut chain, &view).unwrap();
        chain.finish(&given, false).unwrap()
    }

    const ROWS: [f32; 12] = [
        3.0, -1.0, -2.0, -5.0, 4.0, -2.0, -9.0, -4.0, 1.0, 0.5, 2.0, -3.0,
    ];

    /// By hand, from the rows above. Broken by a frame that is left out or compared in another channel.
    #[test]
    fn the_largest_and_the_mean_of_frames_by_hand() {
        let pool = |kernel, stride| Pool {
            frames: 6,
            channels: 2,
            kernel,
            stride,
            padding: Padding::NONE,
        };
        let largest =
            |k, s| net(6, false, |chain, view| pool(k, s).largest(chain, view)).forward(&ROWS);
        assert_eq!(largest(2, 2), [3.0, -1.0, 4.0, -2.0, 2.0, 0.5]);
        assert_eq!(largest(3, 3), [4.0, -1.0, 2.0, 0.5]);
        assert_eq!(largest(4, 1), [4.0, -1.0, 4.0, 0.5, 4.0, 0.5]);
        assert_eq!(largest(1, 3), [3.0, -1.0, -9.0, -4.0]);
        let mean = net(6, false, |chain, view| pool(2, 2).mean(chain, view)).forward(&ROWS);
        assert_eq!(mean, [0.5, -3.0, -2.5, -3.0, 1.5, -1.25]);
    }

    /// Zeros around change nothing where no value is below 0, and are refused elsewhere.
    #[test]
    fn padding_of_the_largest_is_for_values_that_are_not_below_zero() {
        let pool = Pool {
            frames: 6,
            channels: 2,
            kernel: 3,
            stride: 2,
            padding: Padding {
                before: 1,
                after: 1,
            },
        };
        let found = net(6, true, |chain, view| pool.largest(chain, view)).forward(&ROWS);
        assert_eq!(found, [3.0, 0.0, 4.0, 0.0, 2.0, 0.5]);
        let mut chain = Chain::new(12).unwrap();
        assert!(
            pool.largest(&mut chain, &View::whole(&[6, 2], 100).unwrap())
                .is_err()
        );
    }

    #[test]
    fn every_frame_is_repeated() {
        let copies = net(2, false, |chain, view| enlarged(chain, view, (2, 2), 3));
        let found = copies.forward(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            found,
            [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0]
        );
    }
}
