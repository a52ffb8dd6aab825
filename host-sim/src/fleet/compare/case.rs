//! A comparison of nodes: rows in, a line about each node out.

use super::jobs::JobFile;
use super::peers::{FitRow, Peers};
use super::plain::{Plain, Stretch};
use super::rows::{Row, Rows, readings};
use super::side::Side;
use super::truth::Truth;
use super::{Job, median};
use crate::fleet::judging::{Judging, Manner};
use anyhow::{Context, ensure};
use bellwether::Reading;
use serde::Serialize;
use std::io::Write;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// The source of jobs, and the rules of a comparison.
pub struct Rules {
    /// Jobs in a file.
    pub jobs: Option<JobFile>,
    /// Whether all nodes run one job in all rows.
    pub same_job: bool,
    /// Rows in front that scales, slopes and detectors are fitted to.
    pub learn: u64,
    /// Rows that the plain rule must hold.
    pub plain_rows: u64,
    /// Known faults.
    pub truth: Truth,
}

/// The findings about a node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct About {
    /// Its name.
    pub node: String,
    /// Share of the rows behind the fit that had peers.
    pub with_peers: f64,
    /// Anomalous rows and their runs, by its own past.
    pub own: Found,
    /// The same beyond its peers.
    pub peers: Found,
    /// The same by the plain rule.
    pub plain: Found,
    /// The variable that was longest beyond the plain rule.
    pub longest: Option<Longest>,
}

/// Verdicts of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Found {
    /// Anomalous rows.
    pub rows: u64,
    /// Runs of them.
    pub runs: u64,
    /// Anomalous rows per day without a known fault; of all rows if no faults are known.
    pub false_rows_per_day: f64,
    /// PATE against known faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pate: Option<f64>,
}

/// A stretch, with names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Longest {
    /// The variable.
    pub variable: String,
    /// Its first row.
    pub first: u64,
    /// Rows.
    pub rows: u64,
    /// The last value.
    pub value: f64,
    /// The peers' median there.
    pub median: f64,
}

/// A node's detectors and verdicts.
struct Node<'m> {
    own: Judging<'m>,
    peers: Judging<'m>,
    by_own: Side,
    by_peers: Side,
    by_plain: Side,
    /// Rows behind the fit, and those with peers.
    rows: u64,
    compared: u64,
}

/// The comparison.
pub struct Comparison<'m> {
    rules: Rules,
    names: Vec<String>,
    variables: Vec<String>,
    nodes: Vec<Node<'m>>,
    plain: Plain,
    fit: Vec<(Row, FitRow)>,
    peers: Option<Peers>,
    row: u64,
    /// Seconds between rows.
    steps: Vec<f64>,
    last: Option<f64>,
}

impl<'m> Comparison<'m> {
    /// Detectors of all nodes before the first row.
    ///
    /// # Errors
    /// Settings do not fit the variables.
    pub fn new(rows: &Rows, manner: &Manner<'m>, rules: Rules) -> anyhow::Result<Self> {
        let (names, variables) = (rows.nodes.clone(), rows.variables.clone());
        let learn = Some(rules.learn);
        let node = |name: &String| {
            Ok(Node {
                own: manner.judging(name, &variables, learn)?,
                peers: manner.judging(name, &variables, learn)?,
                by_own: Side::default(),
                by_peers: Side::default(),
                by_plain: Side::default(),
                rows: 0,
                compared: 0,
            })
        };
        let nodes = names.iter().map(node).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self {
            plain: Plain::new(names.len(), variables.len(), rules.plain_rows),
            rules,
            names,
            variables,
            nodes,
            fit: Vec::new(),
            peers: None,
            row: 0,
            steps: Vec::new(),
            last: None,
        })
    }

    /// The first lines of the verdicts.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn begin(&self, out: &mut impl Write) -> anyhow::Result<()> {
        for node in &self.nodes {
            writeln!(out, "{}", node.peers.begin()?)?;
        }
        Ok(())
    }

    /// Takes the next row; verdicts beyond the peers are written.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn take(&mut self, row: Row, out: &mut impl Write) -> anyhow::Result<()> {
        if let Some(last) = self.last.replace(row.seconds) {
            self.steps.push(row.seconds - last);
        }
        let jobs = self.jobs(&row);
        if self.peers.is_some() {
            return self.judge(&row, &jobs, out);
        }
        let values = row.values.clone();
        self.fit.push((row, (jobs, values)));
        if self.fit.len() as u64 >= self.rules.learn {
            self.fitted(out)?;
        }
        Ok(())
    }

    fn jobs(&mut self, row: &Row) -> Vec<Job> {
        match &mut self.rules.jobs {
            Some(jobs) => jobs.at(row.seconds, self.names.len()),
            None if self.rules.same_job => vec![Some(0); self.names.len()],
            None => row.jobs.clone(),
        }
    }

    /// Fits to the rows so far, and judges them.
    fn fitted(&mut self, out: &mut impl Write) -> anyhow::Result<()> {
        let (rows, fit): (Vec<Row>, Vec<FitRow>) =
            std::mem::take(&mut self.fit).into_iter().unzip();
        self.peers = Some(Peers::fit(&fit, self.names.len(), self.variables.len()));
        for (row, (jobs, _)) in rows.iter().zip(&fit) {
            self.judge(row, jobs, out)?;
        }
        Ok(())
    }

    fn judge(&mut self, row: &Row, jobs: &[Job], out: &mut impl Write) -> anyhow::Result<()> {
        let peers = self.peers.as_ref().context("nothing is fitted")?;
        let (beyond, compared) = peers.beyond(jobs, &row.values);
        let plain = self.plain.take(self.row, jobs, &row.values);
        let fitted = self.row >= self.rules.learn;
        let nodes = self.nodes.iter_mut().zip(&self.names);
        let looks = row
            .values
            .iter()
            .zip(&beyond)
            .zip(compared.iter().zip(plain));
        for ((node, name), ((own, beyond), (compared, plain))) in nodes.zip(looks) {
            let label = self.rules.truth.has(name, self.row);
            let (record, _) = node.own.judge(&row.timestamp, &readings(own))?;
            node.by_own.take(&record, label);
            let beyond: Vec<Reading> = readings(beyond);
            let (record, line) = node.peers.judge(&row.timestamp, &beyond)?;
            node.by_peers.take(&record, label);
            if let Some(line) = line {
                writeln!(out, "{line}")?;
            }
            if fitted {
                node.by_plain.push(f64::from(u8::from(plain)), plain, label);
                node.rows += 1;
                node.compared += u64::from(*compared);
            }
        }
        self.row += 1;
        Ok(())
    }

    /// A line about each node, and the last lines of the verdicts.
    ///
    /// # Errors
    /// There were too few rows, or verdicts cannot be written.
    pub fn finish(mut self, out: &mut impl Write) -> anyhow::Result<Vec<About>> {
        ensure!(
            self.peers.is_some(),
            "{} rows in time, of which {} are to be learned from: --set learn=N takes fewer, and --every puts rows \
             of nodes with clocks of their own on a grid",
            self.fit.len(),
            self.rules.learn
        );
        for node in &self.nodes {
            writeln!(out, "{}", node.peers.end()?)?;
        }
        let step = median(&mut self.steps).filter(|step| *step > 0.0);
        let day = DAY / step.unwrap_or(60.0);
        let stretches = self.plain.finish();
        let longest = |place: usize| -> Option<Longest> {
            let of: &Stretch = stretches.iter().find(|of| of.node == place)?;
            Some(Longest {
                variable: self.variables.get(of.variable)?.clone(),
                first: of.first,
                rows: of.rows,
                value: of.value,
                median: of.median,
            })
        };
        let found = |side: &Side| Found {
            rows: side.rows,
            runs: side.alarms,
            false_rows_per_day: side.false_per_day(day),
            pate: side.pate(),
        };
        let about = |(place, (node, name)): (usize, (&Node<'_>, &String))| About {
            node: name.clone(),
            with_peers: node.compared as f64 / node.rows.max(1) as f64,
            own: found(&node.by_own),
            peers: found(&node.by_peers),
            plain: found(&node.by_plain),
            longest: longest(place),
        };
        let nodes = self.nodes.iter().zip(&self.names).enumerate();
        Ok(nodes.map(about).collect())
    }
}
