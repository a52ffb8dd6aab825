//! Constants of a graph.

use super::{external, proto};
use crate::model::WIDEST;
use crate::model::import::elements::{self, double, half};
use crate::model::import::view::{self, View};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;

/// A constant: numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Sizes of the axes.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: Data,
}

/// Numbers of either kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Any of the float types, as f32.
    Real(Vec<f32>),
    /// Any of the integer types, and booleans.
    Whole(Vec<i64>),
}

impl Tensor {
    /// A constant as the file has it.
    ///
    /// # Errors
    /// Its data are in another file, have an unsupported type, or do not fit its shape.
    pub fn read(tensor: &proto::Tensor) -> Result<Self> {
        Self::read_beside(tensor, None)
    }

    /// The same; data in another file are taken from a folder.
    ///
    /// # Errors
    /// As [`Self::read`], or the other file lies outside the folder, or is too short.
    pub fn read_beside(tensor: &proto::Tensor, folder: Option<&Path>) -> Result<Self> {
        let name = || format!("tensor `{}`", tensor.name);
        if tensor.location == 0 && tensor.external.is_empty() {
            return Self::decode(tensor).with_context(name);
        }
        let raw = external::read(tensor, folder).with_context(name)?;
        let tensor = proto::Tensor {
            raw,
            external: Vec::new(),
            location: 0,
            ..tensor.clone()
        };
        Self::decode(&tensor).with_context(name)
    }

    fn decode(tensor: &proto::Tensor) -> Result<Self> {
        let shape = view::sizes(&tensor.shape)?;
        let wanted = shape.iter().try_fold(1, |n: usize, k| n.checked_mul(*k));
        let raw = &tensor.raw;
        let data = match tensor.kind {
            1 => Data::Real(either(raw, f32::from_le_bytes, &tensor.floats, |x| *x)?),
            11 => Data::Real(either(raw, double, &tensor.doubles, |x| *x as f32)?),
            10 => Data::Real(either(raw, half, &tensor.ints, |bits| {
                half((*bits as u16).to_le_bytes())
            })?),
            6 => Data::Whole(
                either(raw, i32::from_le_bytes, &tensor.ints, |n| *n)?
                    .into_iter()
                    .map(i64::from)
                    .collect(),
            ),
            7 => Data::Whole(either(raw, i64::from_le_bytes, &tensor.longs, |n| *n)?),
            9 => Data::Whole(either(
                raw,
                |[b]| i64::from(b),
                &tensor.ints,
                |n| i64::from(*n),
            )?),
            2 => whole(raw, |[b]| i64::from(b), &tensor.ints)?,
            3 => whole(raw, |[b]| i64::from(b.cast_signed()), &tensor.ints)?,
            4 => whole(raw, |b| i64::from(u16::from_le_bytes(b)), &tensor.ints)?,
            5 => whole(raw, |b| i64::from(i16::from_le_bytes(b)), &tensor.ints)?,
            kind => bail!(
                "element type {kind}; read are float (1), uint8 (2), int8 (3), uint16 (4), int16 (5), \
                 int32 (6), int64 (7), bool (9), float16 (10) and double (11)"
            ),
        };
        let found = data.len();
        ensure!(
            wanted == Some(found),
            "{found} numbers for the shape {shape:?}"
        );
        Ok(Self { shape, data })
    }

    /// The same number everywhere.
    ///
    /// # Errors
    /// There would be too many.
    pub fn filled(shape: &[usize], with: &Self) -> Result<Self> {
        let count = view::elements(shape, WIDEST)?;
        let data = match &with.data {
            Data::Real(all) => Data::Real(vec![all.first().copied().unwrap_or(0.0); count]),
            Data::Whole(all) => Data::Whole(vec![all.first().copied().unwrap_or(0); count]),
        };
        Ok(Self {
            shape: shape.to_vec(),
            data,
        })
    }

    /// Numbers along one axis.
    pub fn row(data: Data) -> Self {
        Self {
            shape: vec![data.len()],
            data,
        }
    }

    /// One number, without axes.
    pub const fn scalar(data: Data) -> Self {
        Self {
            shape: Vec::new(),
            data,
        }
    }

    /// As float (1), int32 (6) or int64 (7).
    ///
    /// # Errors
    /// `to` is another type.
    pub fn cast(&self, to: i64) -> Result<Self> {
        let data = match (to, &self.data) {
            (1 | 10 | 11, Data::Whole(all)) => Data::Real(all.iter().map(|n| *n as f32).collect()),
            (6 | 7, Data::Real(all)) => Data::Whole(all.iter().map(|x| *x as i64).collect()),
            (1 | 6 | 7 | 10 | 11, data) => data.clone(),
            _ => bail!("to element type {to}; read are 1, 6, 7, 10 and 11"),
        };
        Ok(Self {
            shape: self.shape.clone(),
            data,
        })
    }

    /// The product with another constant, of the same shape or of one number.
    ///
    /// # Errors
    /// The shapes are others.
    pub fn times(&self, other: &Self) -> Result<Self> {
        let (many, one) = if self.data.len() < other.data.len() {
            (other, self)
        } else {
            (self, other)
        };
        let factors = one.floats()?;
        ensure!(
            factors.len() == 1 || one.shape == many.shape,
            "two constants of the shapes {:?} and {:?}; simplify the graph before the export",
            self.shape,
            other.shape
        );
        let products = many.floats()?.iter().zip(factors.iter().cycle());
        Ok(Self {
            shape: many.shape.clone(),
            data: Data::Real(products.map(|(a, b)| a * b).collect()),
        })
    }

    /// Its numbers as floats.
    ///
    /// # Errors
    /// They are integers.
    pub fn floats(&self) -> Result<&[f32]> {
        match &self.data {
            Data::Real(all) => Ok(all),
            Data::Whole(_) => bail!("expected floats, found integers"),
        }
    }

    /// Its numbers as integers.
    ///
    /// # Errors
    /// They are floats.
    pub fn ints(&self) -> Result<&[i64]> {
        match &self.data {
            Data::Whole(all) => Ok(all),
            Data::Real(_) => bail!("expected integers, found floats"),
        }
    }

    /// Its elements in their own order.
    ///
    /// # Errors
    /// It has none.
    pub fn view(&self) -> Result<View> {
        View::whole(&self.shape, self.data.len())
    }

    /// The elements that a view of it shows.
    ///
    /// # Errors
    /// The view is not of this constant.
    pub fn seen(&self, view: &View) -> Result<Self> {
        let data = match &self.data {
            Data::Real(all) => view.pick(all).map(Data::Real),
            Data::Whole(all) => view.pick(all).map(Data::Whole),
        };
        Ok(Self {
            shape: view.shape().to_vec(),
            data: data.context("a view of something else")?,
        })
    }
}

impl Data {
    /// Numbers there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Real(all) => all.len(),
            Self::Whole(all) => all.len(),
        }
    }
}

/// Small integers from raw bytes or their field.
fn whole<const K: usize>(raw: &[u8], read: impl Fn([u8; K]) -> i64, field: &[i32]) -> Result<Data> {
    Ok(Data::Whole(either(raw, read, field, |n| i64::from(*n))?))
}

/// Elements from raw bytes, or, where there are none, from the field of their type.
fn either<T, F, const K: usize>(
    raw: &[u8],
    read: impl Fn([u8; K]) -> T,
    field: &[F],
    take: impl Fn(&F) -> T,
) -> Result<Vec<T>> {
    if raw.is_empty() {
        return Ok(field.iter().map(take).collect());
    }
    elements::all(raw, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_come_from_either_place_and_must_be_as_many_as_the_shape() {
        let field = proto::Tensor {
            shape: vec![2],
            kind: 1,
            floats: vec![1.5, -2.0],
            name: "w".to_owned(),
            ..Default::default()
        };
        let mut raw = field.clone();
        raw.floats.clear();
        for x in &field.floats {
            raw.raw.extend_from_slice(&x.to_le_bytes());
        }
        let tensor = Tensor::read(&field).unwrap();
        assert_eq!(tensor.floats().unwrap(), [1.5, -2.0]);
        assert_eq!(Tensor::read(&raw).unwrap(), tensor);
        let refused = |edit: fn(&mut proto::Tensor)| {
            let mut tensor = field.clone();
            edit(&mut tensor);
            format!("{:#}", Tensor::read(&tensor).unwrap_err())
        };
        for (found, wanted) in [
            (
                refused(|t| t.shape = vec![3]),
                "2 numbers for the shape [3]",
            ),
            (refused(|t| t.shape = vec![-1]), "negative size"),
            (refused(|t| t.location = 1), "lie in another file"),
            (refused(|t| t.kind = 16), "element type 16"),
            (refused(|t| t.raw = vec![0; 7]), "7 bytes"),
        ] {
            assert!(
                found.starts_with("tensor `w`: ") && found.contains(wanted),
                "{found}"
            );
        }
    }
}
