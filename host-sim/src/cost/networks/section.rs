//! The networks' part of COSTS.md.

use super::FIGURES;
use crate::board::{ARMV8_KERNELS, BOARDS, Board};
use crate::cost::Figures;
use crate::cost::tables::table;
use crate::text::number::count;

/// Figures of each processor that depend on the library's features.
const FEATURES: [(&str, &str); 4] = [
    ("`ad01` in rows", "ad01.rows.inference"),
    ("`ad01` in tiles", "ad01.tiles.inference"),
    (
        "judged row of `sentinel`, mean",
        "detector.sentinel-default.mean",
    ),
    ("largest", "detector.sentinel-default.assessed"),
];

/// Tables of instructions, memory and code.
pub fn section(figures: &Figures) -> String {
    let prefix = format!("{}.{FIGURES}.", BOARDS[0].name);
    let mut names: Vec<(u64, &str)> = figures
        .numbers
        .iter()
        .filter_map(|(name, macs)| {
            Some((*macs, name.strip_prefix(&prefix)?.strip_suffix(".macs")?))
        })
        .collect();
    names.sort_unstable_by_key(|(macs, name)| (u64::MAX - macs, *name));
    let of = |board: &Board, name: &str| figures.get(&format!("{}.{FIGURES}.{name}", board.name));
    let each = |name: &str| BOARDS.map(|board| count(of(&board, name)));
    let (mut memory, mut instructions) = (Vec::new(), Vec::new());
    for (macs, name) in names {
        let (network, order) = name.rsplit_once('.').unwrap_or((name, ""));
        let [m4, ..] = BOARDS;
        let get = |what: &str| of(&m4, &format!("{name}.{what}"));
        let words = || vec![network.to_owned(), order.to_owned()];
        let (stack, judged) = (get("stack"), get("observe.stack"));
        let per_step = get("inference") as f64 / macs.max(1) as f64;
        let mut row = words();
        row.extend([
            count(get("model")),
            count(get("buffers")),
            count(stack),
            count(get("buffers") + stack),
            count(get("state") + judged),
        ]);
        memory.push(row);
        let mut row = words();
        row.extend([count(macs), format!("{per_step:.2}")]);
        row.extend(each(&format!("{name}.inference")));
        row.push(count(get("observe")));
        instructions.push(row);
    }
    let features = FEATURES.map(|(what, figure)| {
        let of = |board: Board| {
            let processor = board.processor.to_lowercase();
            count(figures.get(&format!("{processor}.{figure}")))
        };
        [vec![what.to_owned()], ARMV8_KERNELS.map(of).to_vec()].concat()
    });
    let features = table(
        &[
            "",
            "Cortex-M55, `cortex-m-helium`",
            "Cortex-M33, `cortex-m-dsp`",
            "Cortex-M33, neither",
        ],
        features,
    );
    let [a, b, c] = BOARDS.map(|board| board.processor);
    let steps = table(
        &["network", "weights", "steps", "per step", a, b, c, "judged"],
        instructions,
    );
    let memory = table(
        &[
            "network",
            "weights",
            "model",
            "activations",
            "stack",
            "RAM",
            "RAM, judged",
        ],
        memory,
    );
    let code = ["dense", "run", "every_kind"].map(|what| {
        let bytes =
            BOARDS.map(|board| count(figures.get(&format!("{}.fast.code.{what}", board.name))));
        let what = match what {
            "dense" => "kernels of dense layers",
            "run" => "`Network::run`, dense layers only",
            _ => "`Network::run`, every kind of layer",
        };
        [vec![what.to_owned()], bytes.to_vec()].concat()
    });
    let code = table(&["code", a, b, c], code);
    format!(
        "Weights look random and were made from a seed; what an inference takes depends on the shape. \
         `ad01` has the shape of MLPerf Tiny's network, the others are autoencoders of compute nodes, \
         `lstm-84` and `gru-84` two recurrent layers of 16 and 8 units over 10 frames of 84 variables \
         and two dense layers, `conv-84` two convolutions and a dense layer. \
         Every layer's outputs are compared with the host's. Code for Cortex-M3 and M0 runs on a board \
         with enough flash; `ad01` and `166-1660-166` do not fit the 256 KiB of the two boards above.\n\n\
         Instructions of an inference. Steps are multiplications and additions; instructions per step \
         and what a judgement of readings takes (`Autoencoder::observe`) are those of {a}.\n\n{steps}\n\
         Instructions on Armv8-M, where the fast kernels are features of the library.\n\n\
         {features}\n\
         Bytes on {a}: the model lies in flash; RAM is activations and stack of `Network::run`, or all \
         state and stack of `Autoencoder::observe`.\n\n{memory}\n\
         Bytes of code, `memcpy` and the checks of `Model::parse` not included.\n\n{code}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a table that shows another figure than its column says.
    #[test]
    fn a_network_has_a_row_of_instructions_and_one_of_memory() {
        let board = BOARDS[0].name;
        let figure = |name: &str, value: u64| format!("{board}.{FIGURES}.n.rows.{name}={value}\n");
        let text = [
            figure("macs", 1000),
            figure("inference", 1500),
            figure("observe", 2000),
            figure("model", 3001),
            figure("buffers", 300),
            figure("stack", 40),
            figure("state", 324),
            figure("observe.stack", 70),
            format!("{board}.fast.code.run=5001\n"),
        ];
        let page = section(&Figures::parse(&text.concat()).unwrap());
        for row in [
            "| n | rows | 1,000 | 1.50 | 1,500 | 0 | 0 | 2,000 |",
            "| n | rows | 3,001 | 300 | 40 | 340 | 394 |",
            "| `Network::run`, dense layers only | 5,001 | 0 | 0 |",
        ] {
            assert!(page.contains(row), "{row}: {page}");
        }
    }
}
