//! Fleets with the real servers of a site, each on free ports of the loopback in a temporary folder.

mod nats;
mod service;
mod slurm;
