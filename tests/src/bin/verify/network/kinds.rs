//! Stage `kinds`: every kind of layer on emulated boards, bit by bit, and what an LSTM takes.

use super::{COMBINATIONS, Machines, note, settle, telling};
use crate::stages::{Context, Outcome};
use bellwether::Model;
use bellwether_conformance::network::kinds::{every_kind, recurrent_autoencoder};
use bellwether_conformance::numbers::Numbers;
use bellwether_sim::model::Stored;

const EXPECTED: &str = "tests/expect/kinds.txt";

/// All kinds in one network on every machine, under every rounding; then a recurrent autoencoder,
/// and what it takes.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let machines = Machines::new(context, "kinds")?;
    for (rounding, order) in COMBINATIONS {
        let model = every_kind(rounding, order).to_bytes()?;
        let vectors = any_vectors(&model)?;
        telling(&model, &vectors)?;
        let what = format!("every kind, {}, {}", rounding.name(), order.name());
        machines.each(&model, &vectors, &what, |_, _| ())?;
    }
    let model = recurrent_autoencoder().to_bytes()?;
    let vectors = any_vectors(&model)?;
    telling(&model, &vectors)?;
    let stored = Stored::new(&model);
    let macs = Model::parse(stored.bytes())?.macs();
    let mut figures = machines.figures()?;
    figures.note("macs".to_owned(), macs);
    machines.each(&model, &vectors, "recurrent autoencoder", |name, lines| {
        note(&mut figures, name, lines);
    })?;
    for (name, count) in &figures.numbers {
        if name.ends_with(".inference") {
            let each = *count as f64 / macs as f64;
            println!("{name}: {each:.2} per multiply-and-add step");
        }
    }
    settle(context, &figures, EXPECTED, "kinds")
}

fn any_vectors(model: &[u8]) -> anyhow::Result<Vec<i8>> {
    let stored = Stored::new(model);
    let inputs = Model::parse(stored.bytes())?.inputs();
    Ok(Numbers(7).vectors(inputs, 12))
}
