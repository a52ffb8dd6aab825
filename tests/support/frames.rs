//! Rows of nodes, to fit to and to change: recorded ones, and generated ones.

use crate::data::file;
use anyhow::Context as _;
use bellwether_sim::random::Random;
use bellwether_sim::recording::Table;

/// Rows of values; NaN is missing.
pub type Rows = Vec<Vec<f32>>;

/// Rows that fit, and rows to inject into, all of them healthy.
pub struct Frame {
    /// Its name.
    pub name: &'static str,
    /// Rows that fit.
    pub fit: Rows,
    /// Rows of a change that was accepted, between both.
    pub settling: Rows,
    /// Later ones.
    pub rows: Rows,
}

/// The healthy rows of a recording that are at least half there.
pub fn healthy(table: &Table) -> Vec<bool> {
    let is_there = |row: &[f32]| 2 * row.iter().filter(|x| x.is_finite()).count() >= row.len();
    let rows = table.rows().enumerate();
    rows.map(|(k, row)| !table.is_anomalous(k) && is_there(row))
        .collect()
}

/// Columns that vary, and are there in 95 of 100 rows of the fit.
pub fn usable(frame: Frame) -> Frame {
    let n = frame.fit.len();
    let is_usable = |j: &usize| {
        let column = frame
            .fit
            .iter()
            .map(|row| row[*j])
            .filter(|x| x.is_finite());
        let column: Vec<f32> = column.collect();
        20 * column.len() >= 19 * n && column.iter().any(|x| *x != column[0])
    };
    let columns: Vec<usize> = (0..frame.fit[0].len()).filter(is_usable).collect();
    let cut = |rows: Rows| {
        let cut = |row: Vec<f32>| columns.iter().map(|j| row[*j]).collect();
        rows.into_iter().map(cut).collect()
    };
    Frame {
        name: frame.name,
        fit: cut(frame.fit),
        settling: cut(frame.settling),
        rows: cut(frame.rows),
    }
}

/// A node of Marconi100, the first half fits.
///
/// # Errors
/// It is absent, or cannot be read.
pub fn node104() -> anyhow::Result<Frame> {
    let path = file("m100/node104.csv.gz").context("no data")?;
    let table = Table::read(&path)?;
    let good = healthy(&table);
    let take = |range: std::ops::Range<usize>| -> Vec<Vec<f32>> {
        let rows = range.filter(|k| good[*k]);
        rows.map(|k| table.row(k).to_vec()).collect()
    };
    let half = table.len() / 2;
    Ok(usable(Frame {
        name: "m100/node104",
        fit: take(0..half),
        settling: Rows::new(),
        rows: take(half..table.len()),
    }))
}

/// Machines side by side, every `step`-th row.
///
/// # Errors
/// They are absent, or cannot be read.
pub fn rack(
    name: &'static str,
    set: &str,
    machines: &[&str],
    step: usize,
) -> anyhow::Result<Frame> {
    let join = |part: &str| -> anyhow::Result<Vec<Vec<f32>>> {
        let mut tables = Vec::new();
        for machine in machines {
            let path = file(&format!("{set}/{machine}.{part}.csv.gz")).context("no data")?;
            let table = Table::read(&path)?;
            tables.push((healthy(&table), table));
        }
        let rows = tables
            .iter()
            .map(|(_, table)| table.len())
            .min()
            .unwrap_or(0);
        let rows = (0..rows).step_by(step);
        let rows = rows.filter(|k| tables.iter().all(|(good, _)| good[*k]));
        let joined = rows.map(|k| {
            let parts = tables.iter().map(|(_, table)| table.row(k));
            parts.flatten().copied().collect()
        });
        Ok(joined.collect())
    };
    Ok(usable(Frame {
        name,
        fit: join("train")?,
        settling: Rows::new(),
        rows: join("test")?,
    }))
}

/// Six loads behind all variables: waves with jumps between jobs; each variable has noise of its own, partly
/// that of the row before. With rows to settle, every third variable goes with the loads in another way behind the
/// rows of the fit. `rows`: of the fit, to settle, and later ones.
pub fn generated(name: &'static str, variables: usize, rows: [usize; 3]) -> Frame {
    let [fitted, settling, later] = rows;
    let mut random = Random::new(variables as u64);
    let mut loadings: Vec<[f64; 6]> = (0..variables)
        .map(|_| std::array::from_fn(|_| random.noise()))
        .collect();
    let own: Vec<f64> = (0..variables).map(|_| random.between(0.1, 0.8)).collect();
    let mut noise = vec![0.0; variables];
    let mut job = [0.0; 6];
    let mut rows = Vec::new();
    for t in 0..fitted + settling + later {
        if t == fitted && settling > 0 {
            let thirds = loadings.iter_mut().step_by(3);
            thirds.for_each(|of| *of = std::array::from_fn(|_| random.noise()));
        }
        if random.below(60) == 0 {
            job = std::array::from_fn(|_| random.noise());
        }
        let loads: [f64; 6] = std::array::from_fn(|k| {
            let wave = (t as f64 / (30.0 + 17.0 * k as f64)).sin();
            wave + job[k] + 0.1 * random.noise()
        });
        let row = (0..variables).map(|j| {
            noise[j] = 0.7 * noise[j] + 0.7 * random.noise();
            let common: f64 = loadings[j].iter().zip(loads).map(|(l, x)| l * x).sum();
            (20.0 + common + own[j] * noise[j]) as f32
        });
        rows.push(row.collect());
    }
    let later = rows.split_off(fitted + settling);
    let settling = rows.split_off(fitted);
    Frame {
        name,
        fit: rows,
        settling,
        rows: later,
    }
}

/// Mean and deviation of each variable.
pub fn scales(rows: &[Vec<f32>]) -> Vec<(f32, f32)> {
    let column = |j: usize| {
        let values = rows.iter().map(|row| f64::from(row[j]));
        let values: Vec<f64> = values.filter(|x| x.is_finite()).collect();
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        let squares = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let deviation = (squares / values.len().max(1) as f64).sqrt();
        (mean as f32, deviation as f32)
    };
    (0..rows[0].len()).map(column).collect()
}

/// A share of the variables, each with a sign.
pub fn some(random: &mut Random, variables: usize, share: f64) -> Vec<(usize, f32)> {
    let mut all: Vec<usize> = (0..variables).collect();
    let count = ((variables as f64 * share).round() as usize).max(1);
    let drawn = (0..count).map(|_| {
        let place = random.below(all.len() as u64) as usize;
        let sign = if random.below(2) == 0 { 1.0 } else { -1.0 };
        (all.swap_remove(place), sign)
    });
    drawn.collect()
}
