//! Figures as Markdown.

use super::{Figures, PROFILES, networks};
use crate::board::{BOARDS, Board};
use crate::text::number::count;
use std::fmt::Write;

/// A table row by row; the first column is left-aligned, the others right.
pub(super) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!(
        "| {} |\n|---|{}\n",
        head.join(" | "),
        "---:|".repeat(head.len() - 1)
    );
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out
}

fn quiet_per_lane(figures: &Figures, board: &Board, word: &str) -> u64 {
    let frame = figures.get(&format!("{}.{word}.quiet_frame", board.name));
    frame.div_ceil(board.variables as u64)
}

/// Milliseconds of `instructions` on a processor with one per cycle at 64 MHz.
fn milliseconds(instructions: u64) -> String {
    let tenths = (instructions + 3_200) / 6_400;
    if tenths < 100 {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        count((tenths + 5) / 10)
    }
}

/// Milliseconds of the most expensive frame, and of it with the vote spread.
fn worst(figures: &Figures, board: &Board, word: &str) -> [String; 2] {
    ["worst_frame", "spread_vote_frame"]
        .map(|name| milliseconds(figures.get(&format!("{}.{word}.{name}", board.name))))
}

/// The table of the README: a preset a row.
pub fn summary(figures: &Figures) -> String {
    let rows = BOARDS.iter().map(|board| {
        let get = |name: &str| count(figures.get(&format!("{}.fast.{name}", board.name)));
        let small = format!("{}.small.flash_detector", board.name);
        vec![
            format!("`{}`", board.preset),
            board.processor.to_owned(),
            get("state"),
            get("stack"),
            format!("{} / {}", count(figures.get(&small)), get("flash_detector")),
            count(quiet_per_lane(figures, board, "fast")),
            get("retraining_sample"),
            worst(figures, board, "fast").join(" / "),
        ]
    });
    let head = [
        "preset, 9 variables",
        "processor",
        "state",
        "stack",
        "flash, `s` / `3`",
        "quiet",
        "retraining",
        "worst frame, ms",
    ];
    let mut out = table(&head, rows);
    let nanoseconds = figures.get("host.ns_per_frame");
    let _ = write!(
        out,
        "\nBytes, and instructions per sample and variable counted in QEMU, with `opt-level` 3. Worst \
         frame: all nine lanes retrain and flag, and vote over the full history; then with \
         `pairs_per_frame: Some(4)`. Milliseconds are those of 64 MHz and one instruction per cycle. A PC \
         judges a frame of nine variables in {}.{} µs.\n",
        (nanoseconds + 50) / 1000,
        (nanoseconds + 50) % 1000 / 100
    );
    out
}

/// The sentence about one implementer in the documentation of `bellwether::math`.
pub fn functions_of(figures: &Figures, implementer: &str) -> String {
    let board = BOARDS[0].name;
    let of = |name: &str| {
        let number = figures.get(&format!("{board}.fast.function.{name}.{implementer}"));
        format!("{name} {}", count(number))
    };
    let functions = ["exp", "tanh", "sigmoid", "sqrt"].map(of);
    format!("Instructions on Cortex-M4F: {}.", functions.join(", "))
}

/// The whole of COSTS.md.
pub fn document(figures: &Figures) -> String {
    let fact = |name: &str| figures.facts.get(name).map_or("unknown", String::as_str);
    let mut out = format!(
        "# Costs\n\n\
         Made by `bellwether cost --update` from figures measured in QEMU with {}, {}, at commit {}; \
         `cargo verify cost` measures them again. Do not edit.\n\n\
         Instructions are counted exactly and are not cycles: flash wait states, caches and pipelines \
         are not in them. A figure is the largest of its kind over {} frames of nine noisy variables \
         with full windows, spikes in one variable and in three related ones. `fast` is `opt-level = \
         3`, `small` is `opt-level = \"s\"`, both with link-time optimisation.\n",
        fact("compiler"),
        fact("emulator"),
        fact("commit"),
        500
    );
    for (_, word) in PROFILES {
        let _ = write!(
            out,
            "\n## The ensemble, {word}\n\n{}",
            ensemble(figures, word)
        );
    }
    out += "\n\
        - state: `STATE_BYTES` of the preset, all the memory that is kept between calls.\n\
        - stack: the deepest that `observe` went below its caller, votes included.\n\
        - flash: bytes beyond an empty program. `observe` alone, and with every predictor, snapshots \
          and reports.\n\
        - quiet per lane: a frame without training or flag, divided by nine.\n\
        - sample with a retraining: one lane by itself, judged twice and trained in between (table).\n\
        - frame with a vote: one lane flags and is compared with the eight others over the history.\n\
        - worst frame: all nine lanes retrain and flag, and all 36 pairs are compared over the history. \
          Spread: the same with `pairs_per_frame: Some(4)`, so that the vote takes nine frames.\n\
        - ms: both of these at 64 MHz and one instruction per cycle.\n";
    let _ = write!(out, "\n## Networks, fast\n\n{}", networks::section(figures));
    let _ = write!(out, "\n## Other detectors, fast\n\n{}", detectors(figures));
    out += "\nInstructions of one frame, of nine variables, for the sentinel of eight: the largest while it warms \
            up or fits itself, the largest of assessed ones, and their mean. The sentinel learns by then, \
            with its alarm, health and shares. `state` is `STATE_BYTES`; `stack` the deepest below its caller.\n";
    let _ = write!(out, "\n{}", sentinel_flash(figures));
    out += "\nBytes of flash beyond an empty program, of the sentinel with the default preset. Restored: a fit \
            that was made elsewhere is a snapshot. Without snapshots, it fits itself.\n";
    let _ = write!(out, "\n## Front ends, fast\n\n{}", front_ends(figures));
    out += "\nInstructions of a sample of one signal between bursts, and of the one that completes a burst, with all \
            of its features. `state` is the memory of the samples and of the transform.\n";
    let _ = write!(out, "\n## Trainings, fast\n\n{}", trainings(figures));
    out += "\nInstructions of one training on three values, 50 epochs where it is a real one; \
            `epochs_per_frame` spreads these over frames.\n";
    let _ = write!(out, "\n## Functions, fast\n\n{}", functions(figures));
    out += "\nInstructions of one call, the largest of four arguments. The errors are in the documentation \
            of `bellwether::math`.\n";
    let nanoseconds = figures.get("host.ns_per_frame").max(1);
    let _ = write!(
        out,
        "\n## Host\n\n\
         One core of the PC that made this file judges the FerryBox recording (4,316 frames of nine \
         variables, `Paper9`) in {nanoseconds} ns per frame: {} frames, {} samples per second. The public \
         implementation reports 51.6 ms per time point, its database queries included: {} times as \
         much.\n",
        count(1_000_000_000 / nanoseconds),
        count(9_000_000_000 / nanoseconds),
        count(51_600_000 / nanoseconds)
    );
    out
}

fn ensemble(figures: &Figures, word: &str) -> String {
    let rows = BOARDS.iter().map(|board| {
        let get = |name: &str| count(figures.get(&format!("{}.{word}.{name}", board.name)));
        vec![
            format!("{}, {}", board.processor, board.name),
            format!("`{}`", board.preset),
            get("state"),
            get("stack"),
            get("flash_detector"),
            get("flash_everything"),
            count(quiet_per_lane(figures, board, word)),
            get("quiet_frame"),
            get("retraining_sample"),
            get("vote_frame"),
            get("worst_frame"),
            get("spread_vote_frame"),
            worst(figures, board, word).join(" / "),
        ]
    });
    let head = [
        "board",
        "preset",
        "state",
        "stack",
        "flash",
        "flash, all but the sentinel",
        "quiet per lane",
        "quiet frame",
        "sample with a retraining",
        "frame with a vote",
        "worst frame",
        "worst frame, vote spread",
        "ms",
    ];
    table(&head, rows)
}

/// Rows of all figures that begin with a word: the name, and a column a board.
fn by_board(figures: &Figures, kind: &str) -> Vec<Vec<String>> {
    let mut names: Vec<&str> = figures
        .numbers
        .keys()
        .filter_map(|name| name.split_once(".fast.")?.1.strip_prefix(kind))
        .collect();
    names.sort_unstable();
    names.dedup();
    let row = |name: &&str| {
        let (what, functions) = name.split_once('.').unwrap_or((name, ""));
        let mut row = vec![what.to_owned(), functions.to_owned()];
        row.extend(BOARDS.iter().map(|board| {
            let found = figures
                .numbers
                .get(&format!("{}.fast.{kind}{name}", board.name));
            found.map_or_else(|| "–".to_owned(), |number| count(*number))
        }));
        row
    };
    names.iter().map(row).collect()
}

fn detectors(figures: &Figures) -> String {
    let [a, b, c] = BOARDS.map(|board| board.processor);
    table(
        &["detector", "figure", a, b, c],
        by_board(figures, "detector."),
    )
}

/// Flash of the sentinel, with the compilation for little flash and for speed.
fn sentinel_flash(figures: &Figures) -> String {
    let [a, b, c] = BOARDS.map(|board| board.processor);
    let rows = [("restored", "flash"), ("fits itself", "flash_fitting")];
    let rows = rows.map(|(word, name)| {
        let of = |board: Board| {
            let words = ["small", "fast"];
            let get = |word| figures.get(&format!("{}.{word}.sentinel.{name}", board.name));
            words.map(|word| count(get(word))).join(" / ")
        };
        let cells = BOARDS.map(of);
        let mut row = vec![word.to_owned()];
        row.extend(cells);
        row
    });
    table(&["sentinel, `s` / `3`", a, b, c], rows)
}

fn trainings(figures: &Figures) -> String {
    let [a, b, c] = BOARDS.map(|board| board.processor);
    table(
        &["predictor", "functions", a, b, c],
        by_board(figures, "training."),
    )
}

fn front_ends(figures: &Figures) -> String {
    let [a, b, c] = BOARDS.map(|board| board.processor);
    table(
        &["front end", "figure", a, b, c],
        by_board(figures, "front_end."),
    )
}

fn functions(figures: &Figures) -> String {
    let [a, b, c] = BOARDS.map(|board| board.processor);
    table(
        &["function", "implementer", a, b, c],
        by_board(figures, "function."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_the_figures() {
        let text = "qemu-microbit.fast.quiet_frame=36001\nqemu-microbit.fast.state=11112\n\
                    qemu-microbit.fast.function.exp.pade=1931\nhost.ns_per_frame=3250\n";
        let figures = Figures::parse(text).unwrap();
        let page = document(&figures);
        assert!(page.contains("| exp | pade | – | – | 1,931 |"), "{page}");
        assert!(
            page.contains("| 11,112 |") && page.contains("| 4,001 | 36,001 |"),
            "{page}"
        );
        assert!(page.contains("15,876 times as"), "{page}");
        assert!(summary(&figures).contains("in 3.3 µs"));
    }
}
