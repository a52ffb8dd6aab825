//! AWS' random cut forest as an outside process of `bellwether bench`: rows in, scores out.

use anyhow::{Context, ensure};
use rcflib::rcf::{RCFBuilder, RCFOptionsBuilder};
use std::io::{BufRead, BufWriter, Lines, Write};

const TREES: usize = 50;
const SAMPLES: usize = 256;
const SEED: u64 = 17;
/// Last values that are one point where there is one variable.
const SHINGLE: usize = 8;

#[derive(serde::Deserialize)]
struct Header {
    variables: usize,
    fit: usize,
    rows: usize,
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let header = lines.next().context("no header")??;
    let header: Header = serde_json::from_str(&header).context("header")?;
    let scale = Scale::fit(&mut lines, &header)?;

    let shingle = if header.variables == 1 { SHINGLE } else { 1 };
    let seed = if header.seed == 1 { 0 } else { header.seed };
    let mut forest = RCFBuilder::new(header.variables, shingle)
        .number_of_trees(TREES)
        .tree_capacity(SAMPLES)
        .time_decay(0.1 / SAMPLES as f64)
        .random_seed(SEED.wrapping_add(seed))
        .internal_shingling(true)
        .parallel_enabled(false)
        .build_default()?;
    for _ in 0..header.rows {
        // Read after the score of the row before was written: no later row is known to it.
        let point = scale.apply(&row(&mut lines, header.variables)?);
        writeln!(out, "{}", forest.score(&point)?)?;
        forest.update(&point, 0)?;
    }
    writeln!(out, "state_bytes={}", forest.size() + scale.size())?;
    Ok(out.flush()?)
}

/// The next row.
fn row(lines: &mut Lines<impl BufRead>, variables: usize) -> anyhow::Result<Vec<f64>> {
    let line = lines
        .next()
        .context("input ends before the rows that its header announces")??;
    let row = line
        .split(',')
        .map(|field| field.trim().parse::<f64>())
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("row {line:?}"))?;
    ensure!(
        row.len() == variables,
        "a row has {} values, {variables} were announced",
        row.len()
    );
    Ok(row)
}

/// Mean and deviation of every variable.
struct Scale(Vec<(f64, f64)>);

impl Scale {
    /// Reads the rows to fit to, by Welford's sums: they need not be kept.
    fn fit(lines: &mut Lines<impl BufRead>, header: &Header) -> anyhow::Result<Self> {
        let mut sums = vec![(0.0, 0.0); header.variables];
        for k in 1..=header.fit {
            for ((mean, squares), x) in sums.iter_mut().zip(row(lines, header.variables)?) {
                let off = x - *mean;
                *mean += off / k as f64;
                *squares += off * (x - *mean);
            }
        }
        let count = header.fit.max(1) as f64;
        for (mean, squares) in &mut sums {
            // A variable that hardly moved is not to outweigh all others.
            *squares = (*squares / count).sqrt().max((0.01 * mean.abs()).max(1e-9));
        }
        Ok(Self(sums))
    }

    fn apply(&self, row: &[f64]) -> Vec<f32> {
        row.iter()
            .zip(&self.0)
            .map(|(x, (mean, deviation))| ((x - mean) / deviation) as f32)
            .collect()
    }

    fn size(&self) -> usize {
        size_of_val(&*self.0)
    }
}
