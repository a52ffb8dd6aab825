//! Every kernel that this processor can run, against the equations in 64 bits.

extern crate std;

use super::portable::Portable;
use crate::model::layer::dense::{TILE, TILE_OFFSET};
use crate::model::{Order, Rounding};
use crate::network::dense::{Blocks, Kernel, Quad};
use crate::network::requantise::Multiplier;
use proptest::collection::vec;
use proptest::prelude::*;
use std::vec::Vec;

/// Blocks of weights, row by row, and inputs.
#[derive(Debug)]
struct Case {
    inputs: usize,
    rows: Vec<i8>,
    x: Vec<i16>,
    wide: bool,
}

/// Any number of a range, its ends often.
fn extreme_or(least: i16, most: i16) -> impl Strategy<Value = i16> {
    prop_oneof![2 => least..=most, 1 => Just(least), 1 => Just(most)]
}

fn case(blocks: usize) -> impl Strategy<Value = Case> {
    (1_usize..90, any::<bool>()).prop_flat_map(move |(inputs, wide)| {
        let x = if wide {
            extreme_or(-i16::MAX, i16::MAX).boxed()
        } else {
            extreme_or(-128, 127).boxed()
        };
        let weight = extreme_or(-127, 127).prop_map(|w| w as i8);
        let weights = vec(weight, inputs * blocks * TILE);
        (vec(x, inputs), weights).prop_map(move |(x, rows)| Case {
            inputs,
            rows,
            x,
            wide,
        })
    })
}

impl Case {
    /// Inputs in quads.
    fn whole(&self) -> usize {
        self.inputs / TILE * TILE
    }

    fn quads(&self) -> Vec<Quad> {
        self.x.as_chunks().0.to_vec()
    }

    /// The weights as docs/formats/model-blob.md has them in tiles.
    fn tiles(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for block in self.rows.chunks(TILE * self.inputs) {
            let rows = || block.chunks(self.inputs);
            for at in (0..self.whole()).step_by(TILE) {
                for (k, weight) in rows().flat_map(|row| row[at..at + TILE].iter().enumerate()) {
                    let weight = i16::from(*weight);
                    let stored = if k % 2 == 0 {
                        weight + TILE_OFFSET
                    } else {
                        -weight
                    };
                    bytes.push(stored as u8);
                }
            }
            for row in rows() {
                bytes.extend(row[self.whole()..].iter().map(|w| w.cast_unsigned()));
            }
        }
        bytes
    }

    /// What each row adds, without what lies behind the last quad.
    fn sums(&self, order: Order) -> Vec<i32> {
        let offset = if self.wide { 0 } else { TILE_OFFSET.into() };
        let sums = self.rows.chunks(self.inputs).map(|row| {
            let pairs = row.iter().zip(&self.x).take(self.whole());
            let terms = pairs.enumerate().map(|(k, (w, x))| {
                let (w, x) = (i64::from(*w), i64::from(*x));
                match (order, k % 2) {
                    (Order::Rows, _) => w * x,
                    (Order::Tiles, 0) => (w + i64::from(TILE_OFFSET)) * x,
                    (Order::Tiles, _) => w * (x + offset),
                }
            });
            terms.sum::<i64>() as i32
        });
        sums.collect()
    }
}

fn check<K: Kernel, const B: usize>(case: &Case) {
    let before: Vec<i32> = (0..TILE * B).map(|k| 7 - 1000 * k as i32).collect();
    let after = |order| -> Vec<i32> {
        let sums = case.sums(order).into_iter().zip(&before);
        sums.map(|(sum, before)| sum.wrapping_add(*before))
            .collect()
    };

    let mut quads = case.quads();
    K::prepare(Order::Tiles, &mut quads, case.wide);
    let mut sums = [[0; TILE]; B];
    sums.as_flattened_mut().copy_from_slice(&before);
    K::tiles(&case.tiles(), case.inputs, &quads, case.wide, &mut sums);
    assert_eq!(sums.as_flattened(), after(Order::Tiles), "tiles");

    let mut quads = case.quads();
    K::prepare(Order::Rows, &mut quads, case.wide);
    let bytes: Vec<u8> = case.rows.iter().map(|w| w.cast_unsigned()).collect();
    sums.as_flattened_mut().copy_from_slice(&before);
    for (block, sums) in bytes.chunks(TILE * case.inputs).zip(&mut sums) {
        K::rows(block, case.inputs, &quads, case.wide, sums);
    }
    assert_eq!(sums.as_flattened(), after(Order::Rows), "rows");
}

fn check_all<const B: usize>(case: &Case) {
    check::<Portable, B>(case);
    check::<super::Best, B>(case);
    #[cfg(bellwether_x86)]
    {
        use super::x86::{avx2, vnni};
        if avx2::detected() {
            check::<avx2::Loops, B>(case);
        }
        if vnni::detected() {
            check::<vnni::Loops, B>(case);
        }
    }
}

/// A layer's blocks in one go against sums, multiplier, zero point and limits one by one. `None` if the
/// kernel has no loop for the layer.
fn in_one_go<K: Kernel>(
    case: &Case,
    order: Order,
    multiplier: Multiplier,
    zero: i16,
) -> Option<()> {
    let (weights, bytes) = (
        case.tiles(),
        case.rows.iter().map(|w| w.cast_unsigned()).collect(),
    );
    let weights: Vec<u8> = if order == Order::Tiles {
        weights
    } else {
        bytes
    };
    let sums = case.sums(order);
    let mut quads = case.quads();
    K::prepare(order, &mut quads, case.wide);
    let biases: Vec<[[u8; 4]; TILE]> = (0..sums.len() as i32 / 4)
        .map(|block| [0, 1, 2, 3].map(|k| (70_000 * k - 900 * block).to_le_bytes()))
        .collect();
    let (offset, range) = (-321, (zero.saturating_sub(90), zero.saturating_add(100)));
    let all = Blocks {
        order,
        wide: case.wide,
        weights: &weights,
        biases: &biases,
        quads: &quads,
        offset,
        multiplier: multiplier.single()?,
        range,
        zero_point: zero,
    };
    let mut outputs = std::vec![[0; TILE]; biases.len()];
    K::blocks(&all, &mut outputs).then_some(())?;
    let biases = biases
        .as_flattened()
        .iter()
        .map(|bias| i32::from_le_bytes(*bias));
    let wanted = sums.iter().zip(biases).map(|(sum, bias)| {
        let sum = sum.wrapping_add(bias).wrapping_sub(offset);
        let q = i64::from(multiplier.apply(sum, Rounding::Single)) + i64::from(zero);
        q.clamp(range.0.into(), range.1.into()) as i16
    });
    assert_eq!(
        outputs.as_flattened(),
        wanted.collect::<Vec<i16>>(),
        "{order:?}"
    );
    Some(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Broken by a rounding, limit or zero point of the loop over blocks, or one it should refuse.
    #[test]
    fn blocks_in_one_go_are_those_of_sums_one_by_one(
        case in case(3).prop_filter("quads only", |case| case.inputs.is_multiple_of(TILE)),
        q31 in prop_oneof![1_i32 << 30..=i32::MAX, Just(0), Just(i32::MAX)],
        right in 1_u32..32,
        zero in extreme_or(-128, 127),
    ) {
        for order in [Order::Rows, Order::Tiles] {
            let multiplier = Multiplier::new(q31, right);
            let done = in_one_go::<Portable>(&case, order, multiplier, zero);
            let common = (2..20).contains(&right);
            prop_assert!(done.is_some() || !common, "{right}");
            let _ = in_one_go::<super::Best>(&case, order, multiplier, zero);
        }
    }

    /// Broken by any lane, remainder, sign or order in any kernel.
    #[test]
    fn every_kernel_gives_the_sums_of_the_equations(one in case(1), four in case(4)) {
        check_all::<1>(&one);
        check_all::<4>(&four);
    }
}
