//! A tensor of a graph: type, shape, scales and elements.

use super::codes::{self, FLOAT16, FLOAT32, INT8, INT16, UINT8};
use crate::model::flatbuffer::Table;
use crate::model::import::elements;
use anyhow::{Result, bail, ensure};
use bellwether::model::QuantParams;

pub(super) struct Tensor<'a> {
    pub(super) name: String,
    pub(super) model: Table<'a>,
    pub(super) table: Table<'a>,
    pub(super) batch: Option<usize>,
}

impl<'a> Tensor<'a> {
    pub(super) fn kind(&self) -> Result<i8> {
        Ok(self.table.byte(1, FLOAT32, "a tensor's type")?)
    }

    pub(super) fn is(&self, code: i8) -> Result<bool> {
        Ok(self.kind()? == code)
    }

    pub(super) fn expect(&self, code: i8, expected: &str) -> Result<()> {
        let found = self.kind()?;
        ensure!(
            found == code,
            "tensor `{}` is of {}, expected {expected}",
            self.name,
            codes::kind(found)
        );
        Ok(())
    }

    pub(super) fn shape(&self) -> Result<Vec<usize>> {
        let shape = self.table.ints(0, "a tensor's shape")?;
        Ok(shape
            .into_iter()
            .map(|n| n.max(0).cast_unsigned() as usize)
            .collect())
    }

    /// The shape of an activation, its batch 1.
    pub(super) fn one_of_batch(&self) -> Result<Vec<usize>> {
        let mut shape = self.shape()?;
        if let Some(first) = shape.first_mut()
            && self.batch == Some(*first)
        {
            *first = 1;
        }
        Ok(shape)
    }

    /// Values of an activation, its batch 1.
    pub(super) fn values(&self) -> Result<usize> {
        let all = self.one_of_batch()?;
        let all = all.iter().try_fold(1, |n: usize, k| n.checked_mul(*k));
        Ok(all.unwrap_or(usize::MAX))
    }

    pub(super) fn len(&self) -> Result<usize> {
        let all = self
            .shape()?
            .iter()
            .try_fold(1, |n: usize, k| n.checked_mul(*k));
        Ok(all.unwrap_or(usize::MAX))
    }

    /// Scales and zero points.
    pub(super) fn quantisation(&self) -> Result<(Vec<f32>, Vec<i64>, i32)> {
        let Some(table) = self.table.table(4, "a tensor's quantisation")? else {
            return Ok((Vec::new(), Vec::new(), 0));
        };
        let scales = table.vector::<4>(2, "scales")?;
        let zeros = table.vector::<8>(3, "zero points")?;
        Ok((
            scales.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            zeros.iter().map(|b| i64::from_le_bytes(*b)).collect(),
            table.int(6, 0, "a quantised dimension")?,
        ))
    }

    pub(super) fn refuse<T>(&self, expected: &str) -> Result<T> {
        bail!("tensor `{}`: expected {expected}", self.name)
    }

    /// The grid of an activation of int8 or int16, or of uint8: that of int8 whose points are 128 lower.
    pub(super) fn grid(&self) -> Result<QuantParams> {
        let lower = match self.kind()? {
            INT8 | INT16 => 0,
            UINT8 => 128,
            _ => bail!(
                "tensor `{}` is of {}, expected activations of int8 or int16; {TO_INT8}",
                self.name,
                codes::kind(self.kind()?)
            ),
        };
        let (scales, zeros, _) = self.quantisation()?;
        let wide = self.is(INT16)?;
        match (scales.as_slice(), zeros.as_slice()) {
            (&[_], &[zero]) if wide && zero != 0 => self.refuse("zero point 0 of int16"),
            (&[scale], &[zero]) if scale.is_normal() && scale > 0.0 => {
                match i8::try_from(zero.saturating_sub(lower)) {
                    Ok(zero) => Ok(QuantParams {
                        scale,
                        zero_point: zero.into(),
                        wide,
                    }),
                    Err(_) => self.refuse("a zero point of 8 bits"),
                }
            }
            _ => self.refuse("one scale above 0 and one zero point"),
        }
    }

    pub(super) fn weight_scales(&self) -> Result<Vec<f32>> {
        let (scales, zeros, dimension) = self.quantisation()?;
        if zeros.iter().any(|zero| *zero != 0) {
            return self.refuse("weights with zero point 0");
        }
        if scales.is_empty() || scales.len() > 1 && dimension != 0 {
            return self.refuse("a weight scale, or one per output");
        }
        Ok(scales)
    }

    /// The elements, `K` bytes each.
    pub(super) fn data<const K: usize>(&self, code: i8, expected: &str) -> Result<&'a [[u8; K]]> {
        self.expect(code, expected)?;
        let buffer = self.table.int(2, 0, "a tensor's buffer")?.cast_unsigned();
        let buffer = self.model.nth(4, buffer as usize, "a buffer")?;
        let data = buffer.vector::<1>(0, "a buffer's data")?.as_flattened();
        let (elements, rest) = data.as_chunks::<K>();
        let wanted = self.len()?;
        ensure!(
            wanted == 0 || !data.is_empty(),
            "tensor `{}` is computed, not constant: only chains are read, and so no skip connections and \
             no error inside the network (cut it at the reconstruction: the library computes the score)",
            self.name
        );
        ensure!(
            elements.len() == wanted && rest.is_empty(),
            "tensor `{}` has {} elements, its shape {wanted}",
            self.name,
            elements.len()
        );
        Ok(elements)
    }

    /// The numbers of a constant: as floats of 32 or 16 bits, or of int8 with scales.
    pub(super) fn floats(&self) -> Result<Vec<f32>> {
        match self.kind()? {
            FLOAT16 => {
                let data = self.data::<2>(FLOAT16, "float16 constants")?;
                Ok(data.iter().map(|b| elements::half(*b)).collect())
            }
            INT8 => self.dequantised(),
            _ => {
                let data = self.data::<4>(FLOAT32, "float constants")?;
                Ok(data.iter().map(|b| f32::from_le_bytes(*b)).collect())
            }
        }
    }

    /// `scale · (q - zero point)`, with one scale or one along an axis.
    pub(super) fn dequantised(&self) -> Result<Vec<f32>> {
        let data = self.data::<1>(INT8, "int8 weights")?;
        let (scales, zeros, axis) = self.quantisation()?;
        let shape = self.shape()?;
        let axis = usize::try_from(axis).unwrap_or(usize::MAX);
        let inner: usize = match scales.len() {
            0 => return self.refuse("a scale"),
            1 => data.len().max(1),
            n => match shape.get(axis) {
                Some(size) if *size == n => shape.iter().skip(axis + 1).product(),
                _ => return self.refuse("a scale, or one for each index of an axis"),
            },
        };
        let number = |(k, byte): (usize, &[u8; 1])| {
            let channel = (k / inner) % scales.len();
            let zero = zeros.get(channel).or(zeros.first()).copied().unwrap_or(0);
            let q = i64::from(i8::from_le_bytes(*byte)).saturating_sub(zero);
            scales[channel] * q as f32
        };
        Ok(data.iter().enumerate().map(number).collect())
    }
}

pub(super) const TO_INT8: &str = "convert with int8 activations, or without quantisation and pack the float \
                       .tflite with --calibration";
