//! The options of a fleet.

use super::Args;
use crate::simulate::fleet::Fleet;
use anyhow::ensure;

/// Machines and jobs by default.
const NODES: u64 = 8;
const JOBS: u64 = 1;

/// The options of a fleet that a plant has not.
#[derive(clap::Args)]
#[command(next_help_heading = "A fleet")]
pub struct FleetArgs {
    /// Machines, each with 12 variables [default: 8]
    #[arg(long, value_name = "N")]
    nodes: Option<u64>,
    /// Jobs at a time: node k runs the job of k modulo N, with those N further on [default: 1]
    #[arg(long, value_name = "N")]
    jobs: Option<u64>,
    /// Lets jobs of an unseen type come behind the first two fifths
    #[arg(long)]
    new_job: bool,
    /// Makes the room warmer there by as many degrees
    #[arg(long, value_name = "DEGREES", value_parser = degrees)]
    warmer: Option<f64>,
}

fn degrees(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(x) if (-20.0..=20.0).contains(&x) => Ok(x),
        _ => Err("a number from -20 to 20".to_owned()),
    }
}

impl FleetArgs {
    /// Refuses options of a fleet for a plant.
    pub fn expect_none(&self) -> anyhow::Result<()> {
        let of_fleet = [
            ("--nodes", self.nodes.is_some()),
            ("--jobs", self.jobs.is_some()),
            ("--new-job", self.new_job),
            ("--warmer", self.warmer.is_some()),
        ];
        let given = of_fleet.iter().find(|(_, given)| *given);
        let name = given.map_or("", |(name, _)| *name);
        ensure!(name.is_empty(), "{name} is for a fleet");
        Ok(())
    }

    /// The fleet with these options beside those of a plant.
    pub fn of(&self, args: &Args) -> Fleet {
        Fleet {
            nodes: self.nodes.unwrap_or(NODES),
            jobs: self.jobs.unwrap_or(JOBS),
            rows: args.rows,
            faults: args.faults(),
            seed: args.seed,
            missing: args.missing,
            irregular: args.irregular,
            new_job: self.new_job,
            warmer: self.warmer.unwrap_or(0.0),
        }
    }
}
