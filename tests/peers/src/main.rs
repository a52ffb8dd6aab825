//! One network, one vector, one core: Bellwether, tract and LiteRT by turns, in one run.

mod litert;
mod ours;
mod tract;

use anyhow::{Context, ensure};
use std::path::{Path, PathBuf};

/// Rounds, each of which runs everyone once.
const ROUNDS: usize = 31;
/// Inferences in a row; the first round only warms up.
const INFERENCES: u32 = 500;

/// Someone who runs a network.
trait Peer {
    /// CPU time of so many inferences, in nanoseconds each. Inputs are entered every time, but by
    /// LiteRT, where that would measure Python.
    fn time(&mut self, inferences: u32) -> anyhow::Result<f64>;

    /// The outputs of the last inference, as far as they are int8.
    fn outputs(&mut self) -> anyhow::Result<Option<Vec<i8>>>;
}

fn main() -> anyhow::Result<()> {
    let packed = std::env::args_os()
        .nth(1)
        .context("usage: peers MODEL, from run.sh")?;
    let packed = PathBuf::from(packed);
    let folder = data();
    let (int8, fp32) = (
        folder.join("ad01_int8.tflite"),
        folder.join("ad01_fp32.tflite"),
    );
    let vector: Vec<i8> = (0..640_u32).map(|k| (k * 37 % 255) as u8 as i8).collect();
    let mut peers: Vec<(&str, Box<dyn Peer>)> = vec![
        (
            "bellwether int8",
            Box::new(ours::Ours::new(&packed, &vector)?),
        ),
        (
            "LiteRT int8",
            Box::new(litert::LiteRt::new(&int8, &vector)?),
        ),
        ("LiteRT f32", Box::new(litert::LiteRt::new(&fp32, &vector)?)),
        ("tract f32", Box::new(tract::Tract::new(&fp32, &vector)?)),
    ];
    match tract::Tract::new(&int8, &vector) {
        Ok(tract) => peers.push(("tract int8", Box::new(tract))),
        Err(error) => println!("tract int8: refused: {error:#}"),
    }
    let mut times = vec![Vec::new(); peers.len()];
    for round in 0..=ROUNDS {
        for ((name, peer), times) in peers.iter_mut().zip(&mut times) {
            let time = peer.time(INFERENCES).with_context(|| (*name).to_owned())?;
            if round > 0 {
                times.push(time);
            }
        }
    }
    let ours = peers[0].1.outputs()?;
    println!(
        "{}; CPU time of an inference, {ROUNDS} rounds of {INFERENCES}",
        processor()?
    );
    println!("| who | fastest round, us | median, us | median to ours | bytes that differ |");
    println!("|---|---:|---:|---:|---:|");
    let mut first = None;
    for ((name, peer), times) in peers.iter_mut().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0] / 1000.0, times[times.len() / 2] / 1000.0);
        let factor = median / *first.get_or_insert(median);
        let differ = match (&ours, peer.outputs()?) {
            (Some(a), Some(b)) => {
                ensure!(a.len() == b.len(), "{name}: {} outputs", b.len());
                a.iter().zip(&b).filter(|(a, b)| a != b).count().to_string()
            }
            _ => "-".to_owned(),
        };
        println!("| {name} | {least:.2} | {median:.2} | {factor:.2} | {differ} |");
    }
    Ok(())
}

/// The folder of the networks: `BELLWETHER_DATA`, or beside the repository.
fn data() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("BELLWETHER_DATA").map_or(beside, PathBuf::from);
    folder.join("ad01")
}

/// What this machine says it is.
fn processor() -> anyhow::Result<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split(": ").nth(1))
            .unwrap_or("?")
            .to_owned()
    };
    let (name, family, model) = (field("model name"), field("cpu family"), field("model\t"));
    Ok(format!("{name}, family {family}, model {model}"))
}
