//! A framework's view of a tensor: a shape, and the index of each element in a vector.
//!
//! Operators that only move data change the view and not the vector, so that any sequence of
//! reshapes, transpositions and slices is followed exactly.

use anyhow::{Context, Result, bail, ensure};

/// Most elements of a tensor, so that a small file cannot ask for all memory.
pub const MOST: usize = 1 << 26;

/// Row by row: for each element of `shape`, its index in the vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    shape: Vec<usize>,
    places: Vec<usize>,
}

/// Elements of a shape, from 1 to `most`.
///
/// # Errors
/// There are more, or none.
pub fn elements(shape: &[usize], most: usize) -> Result<usize> {
    // A size of 0 comes first, so that no later product of other sizes overflows.
    ensure!(!shape.contains(&0), "the shape {shape:?} has no elements");
    let all = shape.iter().try_fold(1, |n: usize, k| n.checked_mul(*k));
    let all = all.filter(|n| *n <= most);
    all.with_context(|| format!("the shape {shape:?} has more than {most} elements"))
}

/// Sizes as a file has them; none may be negative.
///
/// # Errors
/// Shows them.
pub fn sizes(shape: &[i64]) -> Result<Vec<usize>> {
    let sizes = shape.iter().map(|n| usize::try_from(*n).ok());
    let sizes: Option<_> = sizes.collect();
    sizes.with_context(|| format!("the shape {shape:?} has a negative size"))
}

impl View {
    /// A vector in its own order.
    ///
    /// # Errors
    /// It has more than `most` elements.
    pub fn whole(shape: &[usize], most: usize) -> Result<Self> {
        Ok(Self {
            shape: shape.to_vec(),
            places: (0..elements(shape, most)?).collect(),
        })
    }

    /// Sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Indices of the elements, row by row.
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Number of elements, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "none is empty")]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The elements of another vector at these indices.
    pub fn pick<T: Copy>(&self, vector: &[T]) -> Option<Vec<T>> {
        let each = self.places.iter().map(|place| vector.get(*place).copied());
        each.collect()
    }

    /// An axis; negative ones count from the end.
    ///
    /// # Errors
    /// There is none.
    pub fn axis(&self, axis: i64) -> Result<usize> {
        axis_of(axis, self.shape.len())
    }

    /// The same elements in another shape.
    ///
    /// # Errors
    /// It has another number of elements.
    pub fn shaped(&self, shape: &[usize]) -> Result<Self> {
        ensure!(
            elements(shape, self.len()).is_ok_and(|n| n == self.len()),
            "the shape {shape:?} does not hold the {} elements of {:?}",
            self.len(),
            self.shape
        );
        Ok(Self {
            shape: shape.to_vec(),
            places: self.places.clone(),
        })
    }

    /// As [`shaped`](Self::shaped); one size may be -1, whatever is left.
    ///
    /// # Errors
    /// It does not hold the elements.
    pub fn reshaped(&self, wanted: &[i64]) -> Result<Self> {
        let open = wanted.iter().filter(|n| **n == -1).count();
        ensure!(open < 2, "the shape {wanted:?} has several sizes of -1");
        let known: Vec<i64> = wanted.iter().copied().filter(|n| *n != -1).collect();
        let rest = self.len() / elements(&sizes(&known)?, self.len())?;
        let shape = wanted.iter().map(|n| usize::try_from(*n).unwrap_or(rest));
        self.shaped(&shape.collect::<Vec<_>>())
    }

    /// Axes joined to two: those before `axis`, and the rest.
    ///
    /// # Errors
    /// There are fewer axes.
    pub fn flattened(&self, axis: i64) -> Result<Self> {
        let rank = self.shape.len();
        let axis = match usize::try_from(axis) {
            Ok(axis) if axis == rank => rank,
            _ => self.axis(axis)?,
        };
        let (before, behind) = self.shape.split_at(axis);
        self.shaped(&[before.iter().product(), behind.iter().product()])
    }

    /// Without axes of size 1: the named ones, or all.
    ///
    /// # Errors
    /// One of them has another size.
    pub fn squeezed(&self, axes: Option<&[i64]>) -> Result<Self> {
        let named = axes.map(|all| all.iter().map(|a| self.axis(*a)).collect());
        let named: Option<Vec<usize>> = named.transpose()?;
        for axis in named.iter().flatten() {
            ensure!(
                self.shape.get(*axis) == Some(&1),
                "axis {axis} of {:?} is not of size 1",
                self.shape
            );
        }
        let goes = |k: usize, size: usize| match &named {
            Some(named) => named.contains(&k),
            None => size == 1,
        };
        let kept = self.shape.iter().enumerate();
        let kept = kept.filter(|(k, size)| !goes(*k, **size)).map(|(_, n)| *n);
        self.shaped(&kept.collect::<Vec<_>>())
    }

    /// With further axes of size 1, at these positions of the result.
    ///
    /// # Errors
    /// A position is out of reach, or named twice.
    pub fn unsqueezed(&self, axes: &[i64]) -> Result<Self> {
        let rank = self.shape.len() + axes.len();
        let axes: Vec<usize> = axes
            .iter()
            .map(|axis| axis_of(*axis, rank))
            .collect::<Result<_>>()?;
        let mut old = self.shape.iter();
        let shape = (0..rank).map(|k| {
            if axes.contains(&k) {
                Some(1)
            } else {
                old.next().copied()
            }
        });
        let shape: Option<Vec<usize>> = shape.collect();
        self.shaped(&shape.context("an axis is named twice")?)
    }

    /// Axes in another order; `None`: the other way round.
    ///
    /// # Errors
    /// It is no order of the axes.
    pub fn transposed(&self, order: Option<&[i64]>) -> Result<Self> {
        let rank = self.shape.len();
        let order: Vec<usize> = match order {
            Some(order) => order.iter().map(|a| self.axis(*a)).collect::<Result<_>>()?,
            None => (0..rank).rev().collect(),
        };
        let mut sorted = order.clone();
        sorted.sort_unstable();
        ensure!(
            sorted.iter().copied().eq(0..rank),
            "{order:?} is no order of {rank} axes"
        );
        let steps = steps(&self.shape);
        let shape: Vec<usize> = order.iter().map(|a| self.shape[*a]).collect();
        let steps: Vec<usize> = order.iter().map(|a| steps[*a]).collect();
        Ok(self.walk(&shape, &steps))
    }

    /// These positions of an axis, in this order.
    ///
    /// # Errors
    /// There is no such axis or position.
    pub fn taken(&self, axis: i64, positions: &[usize]) -> Result<Self> {
        let axis = self.axis(axis)?;
        let size = self.shape[axis];
        ensure!(!positions.is_empty(), "nothing is taken from axis {axis}");
        for position in positions {
            ensure!(
                *position < size,
                "position {position} of axis {axis}, which has {size}"
            );
        }
        let inner: usize = self.shape[axis + 1..].iter().product();
        let mut shape = self.shape.clone();
        shape[axis] = positions.len();
        elements(&shape, MOST)?;
        let blocks = self.places.chunks(inner * size);
        let places = blocks.flat_map(|block| {
            let each = positions.iter().map(move |p| p * inner..(p + 1) * inner);
            each.flat_map(move |range| block.get(range).unwrap_or_default())
        });
        Ok(Self {
            places: places.copied().collect(),
            shape,
        })
    }

    /// Repeated along axes of size 1, and along new ones in front, as frameworks broadcast.
    ///
    /// # Errors
    /// The shapes do not go together, or there are more than `most` elements.
    pub fn broadcast(&self, to: &[usize], most: usize) -> Result<Self> {
        elements(to, most)?;
        let missing = to.len().checked_sub(self.shape.len());
        let Some(missing) = missing else {
            bail!("{:?} has more axes than {to:?}", self.shape)
        };
        let mut steps_to = vec![0; missing];
        let pairs = self.shape.iter().zip(&to[missing..]);
        for ((from, to_size), step) in pairs.zip(steps(&self.shape)) {
            ensure!(
                *from == 1 || from == to_size,
                "{:?} does not broadcast to {to:?}",
                self.shape
            );
            steps_to.push(if *from == 1 { 0 } else { step });
        }
        Ok(self.walk(to, &steps_to))
    }

    /// Elements in the order of a shape with its own distance along each axis.
    fn walk(&self, shape: &[usize], steps: &[usize]) -> Self {
        let mut at = vec![0];
        for (size, step) in shape.iter().zip(steps) {
            let along = |start: usize| (0..*size).map(move |k| start + k * step);
            at = at.into_iter().flat_map(along).collect();
        }
        let places = at.into_iter().map(|k| self.places[k]);
        Self {
            shape: shape.to_vec(),
            places: places.collect(),
        }
    }
}

fn axis_of(axis: i64, rank: usize) -> Result<usize> {
    let from_front = if axis < 0 {
        axis.checked_add(i64::try_from(rank)?)
    } else {
        Some(axis)
    };
    let found = from_front.and_then(|a| usize::try_from(a).ok());
    found
        .filter(|found| *found < rank)
        .with_context(|| format!("axis {axis} of {rank}"))
}

/// Distances from one element to the next along each axis.
fn steps(shape: &[usize]) -> Vec<usize> {
    let mut all = Vec::new();
    let mut step = 1;
    for size in shape.iter().rev() {
        all.push(step);
        step *= size;
    }
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(shape: &[usize]) -> View {
        View::whole(shape, 100).unwrap()
    }

    /// By hand, on 2 x 3: rows 0 1 2 and 3 4 5.
    #[test]
    fn moves_are_what_they_are_called() {
        let view = whole(&[2, 3]);
        let turned = view.transposed(None).unwrap();
        assert_eq!(turned.shape(), [3, 2]);
        assert_eq!(turned.places(), [0, 3, 1, 4, 2, 5]);
        assert_eq!(turned.transposed(Some(&[1, 0])).unwrap(), view);
        assert_eq!(turned.reshaped(&[-1]).unwrap().places(), turned.places());
        let taken = view.taken(-1, &[2, 0]).unwrap();
        assert_eq!(
            (taken.shape(), taken.places()),
            (&[2, 2][..], &[2, 0, 5, 3][..])
        );
        let row = whole(&[3]).broadcast(&[2, 3], 100).unwrap();
        assert_eq!(row.places(), [0, 1, 2, 0, 1, 2]);
        let column = whole(&[2, 1]).broadcast(&[2, 3], 100).unwrap();
        assert_eq!(column.places(), [0, 0, 0, 1, 1, 1]);
        let cube = whole(&[2, 1, 3]);
        assert_eq!(cube.squeezed(None).unwrap().shape(), [2, 3]);
        assert_eq!(cube.squeezed(Some(&[-2])).unwrap(), view);
        assert_eq!(view.unsqueezed(&[1]).unwrap(), cube);
        assert_eq!(cube.flattened(1).unwrap().shape(), [2, 3]);
        assert_eq!(cube.flattened(0).unwrap().shape(), [1, 6]);
        // Last axis first: element (c, a, b) of 3 x 2 x 1 lies at 3·a + c.
        let turned = cube.transposed(Some(&[2, 0, 1])).unwrap();
        assert_eq!(turned.places(), [0, 3, 1, 4, 2, 5]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let view = whole(&[2, 3]);
        assert!(View::whole(&[usize::MAX, 2], 100).is_err());
        assert!(View::whole(&[11, 10], 100).is_err());
        for wrong in [&[4][..], &[-1, -1], &[-1, 4], &[-2, -3], &[0, -1]] {
            assert!(view.reshaped(wrong).is_err(), "{wrong:?}");
        }
        assert!(view.squeezed(Some(&[0])).is_err());
        assert!(view.squeezed(Some(&[i64::MIN])).is_err());
        assert!(view.unsqueezed(&[0, 0]).is_err());
        assert!(view.transposed(Some(&[0, 0])).is_err());
        assert!(view.transposed(Some(&[0])).is_err());
        assert!(view.taken(2, &[0]).is_err());
        assert!(view.taken(0, &[2]).is_err());
        assert!(view.broadcast(&[3], 100).is_err());
        assert!(view.broadcast(&[3, 3], 100).is_err());
        assert!(view.broadcast(&[50, 2, 3], 100).is_err());
        assert!(view.flattened(3).is_err());
    }
}
