//! This library.

use crate::Peer;
use anyhow::{Context, anyhow};
use bellwether::Model;
use bellwether::network::{Activations, Line, Network};
use cpu_time::ThreadTime;
use std::hint::black_box;
use std::path::Path;

/// Room for ad01.
const ROOM: usize = 768;

pub struct Ours {
    network: Network<'static, ROOM>,
    activations: Activations<ROOM>,
    vector: Vec<i8>,
}

impl Ours {
    /// From a model that `bellwether model pack` wrote.
    pub fn new(file: &Path, vector: &[i8]) -> anyhow::Result<Self> {
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        // A model begins at a multiple of four.
        let room: &'static mut [u8] = vec![0; bytes.len() + 4].leak();
        let start = room.as_ptr().align_offset(4).min(4);
        let (_, room) = room.split_at_mut(start);
        let (room, _) = room.split_at_mut(bytes.len());
        room.copy_from_slice(&bytes);
        let bytes: &'static [u8] = room;
        let model =
            Model::parse(bytes).map_err(|error| anyhow!("{}: {error:?}", file.display()))?;
        let network = Network::new(model).map_err(|error| anyhow!("{error:?}"))?;
        let memory: &'static mut [Line] = vec![Line::ZERO; network.panel_lines()].leak();
        let network = network
            .in_panels(memory)
            .map_err(|error| anyhow!("{error:?}"))?;
        Ok(Self {
            network,
            activations: Activations::new(),
            vector: vector.to_vec(),
        })
    }
}

impl Peer for Ours {
    fn time(&mut self, inferences: u32) -> anyhow::Result<f64> {
        let start = ThreadTime::now();
        for _ in 0..inferences {
            for (place, q) in self.activations.inputs().iter_mut().zip(&self.vector) {
                *place = i16::from(*q);
            }
            black_box(self.network.run(black_box(&mut self.activations)));
        }
        Ok(start.elapsed().as_nanos() as f64 / f64::from(inferences))
    }

    fn outputs(&mut self) -> anyhow::Result<Option<Vec<i8>>> {
        let outputs = self.network.outputs(&self.activations);
        Ok(Some(outputs.iter().map(|q| *q as i8).collect()))
    }
}
