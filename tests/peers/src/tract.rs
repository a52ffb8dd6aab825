//! tract, as its documentation runs a network.

use crate::Peer;
use anyhow::Context;
use cpu_time::ThreadTime;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use tract_tflite::prelude::*;

pub struct Tract {
    plan: Arc<TypedRunnableModel>,
    input: Tensor,
    outputs: Option<Vec<i8>>,
}

impl Tract {
    pub fn new(file: &Path, vector: &[i8]) -> anyhow::Result<Self> {
        let model = tract_tflite::tflite().model_for_path(file)?;
        let kind = model.input_fact(0)?.datum_type;
        let input = tensor1(vector).into_shape(&[1, vector.len()])?;
        let input = if kind.is_float() {
            input.cast_to::<f32>()?.into_owned()
        } else {
            let mut input = input;
            unsafe { input.set_datum_type(kind) };
            input
        };
        let plan = model.into_optimized()?.into_runnable()?;
        plan.run(tvec!(input.clone().into())).context("first run")?;
        Ok(Self {
            plan,
            input,
            outputs: None,
        })
    }
}

impl Peer for Tract {
    fn time(&mut self, inferences: u32) -> anyhow::Result<f64> {
        let input: TValue = self.input.clone().into();
        let start = ThreadTime::now();
        let mut last = None;
        for _ in 0..inferences {
            last = Some(black_box(self.plan.run(tvec!(input.clone()))?));
        }
        let time = start.elapsed().as_nanos() as f64 / f64::from(inferences);
        let output = last.context("at least one inference")?.remove(0);
        self.outputs = (output.datum_type().size_of() == 1)
            .then(|| output.as_bytes().iter().map(|b| b.cast_signed()).collect());
        Ok(time)
    }

    fn outputs(&mut self) -> anyhow::Result<Option<Vec<i8>>> {
        Ok(self.outputs.clone())
    }
}
