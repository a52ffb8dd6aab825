//! Boards emulated by QEMU: building and running their firmware.

pub mod emulator;
pub mod firmware;
pub mod line;
pub mod receiver;
pub mod session;
pub mod summary;

use crate::detect::Entry;
use crate::detect::quartet::options::LEARN;

/// A board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Board {
    /// Name, also of its package in the firmware workspace.
    pub name: &'static str,
    /// Its processor.
    pub processor: &'static str,
    /// Its Rust target.
    pub target: &'static str,
    /// QEMU's name of the board.
    pub machine: &'static str,
    /// The preset its programs use.
    pub preset: &'static str,
    /// Capacity: the largest number of variables.
    pub variables: usize,
    /// Errors per threshold.
    pub window: u16,
    /// Frames per correlation.
    pub history: u16,
    /// Whether its programs are built with the default features of its package.
    pub default_features: bool,
}

/// The boards with committed costs.
pub const BOARDS: [Board; 3] = [
    Board {
        name: "qemu-mps2-an386",
        processor: "Cortex-M4F",
        target: "thumbv7em-none-eabihf",
        machine: "mps2-an386",
        preset: "Paper9",
        variables: 9,
        window: 1440,
        history: 1440,
        default_features: true,
    },
    Board {
        name: "qemu-lm3s6965",
        processor: "Cortex-M3",
        target: "thumbv7m-none-eabi",
        machine: "lm3s6965evb",
        preset: "Mid9",
        variables: 9,
        window: 720,
        history: 720,
        default_features: true,
    },
    Board {
        name: "qemu-microbit",
        processor: "Cortex-M0",
        target: "thumbv6m-none-eabi",
        machine: "microbit",
        preset: "Tiny9",
        variables: 9,
        window: 128,
        history: 128,
        default_features: true,
    },
];

/// A board with a Cortex-M33, whose package has the library's feature `cortex-m-dsp`.
pub const M33: Board = Board {
    name: "qemu-mps2-an505",
    processor: "Cortex-M33",
    target: "thumbv8m.main-none-eabihf",
    machine: "mps2-an505",
    ..BOARDS[0]
};

/// The same without the feature: the portable kernel.
pub const M33_WITHOUT_DSP: Board = Board {
    processor: "Cortex-M33-portable",
    default_features: false,
    ..M33
};

/// A board with a Cortex-M55, whose package has the library's feature `cortex-m-helium`.
pub const M55: Board = Board {
    name: "qemu-mps3-an547",
    processor: "Cortex-M55",
    machine: "mps3-an547",
    ..M33
};

/// A management controller, with the program `bmc` and few of the others.
pub const AST1030: Board = Board {
    name: "aspeed-ast1030",
    machine: "ast1030-evb",
    ..BOARDS[0]
};

/// A board with a RISC-V core without floating point in hardware, with few of the programs.
pub const RISCV: Board = Board {
    name: "qemu-virt-riscv32",
    processor: "RV32IMAC",
    target: "riscv32imac-unknown-none-elf",
    machine: "virt",
    ..BOARDS[0]
};

/// The kernels of Armv8-M, which are features of the library: Helium, DSP, and neither.
pub const ARMV8_KERNELS: [Board; 3] = [M55, M33, M33_WITHOUT_DSP];

/// Every board with all programs.
pub const ALL: [Board; 4] = [BOARDS[0], BOARDS[1], BOARDS[2], M33];

/// Boards with few programs: those with a kernel of their own for a network and for memories, with sensors, or with
/// another architecture.
pub const OTHERS: [Board; 3] = [M55, AST1030, RISCV];

/// Every board with firmware.
pub fn every() -> impl Iterator<Item = Board> {
    ALL.into_iter().chain(OTHERS)
}

impl Board {
    /// Code for the same processor on a board with enough flash and memory for any model: MPS2,
    /// with a Cortex-M4F or M33, MPS3 with a Cortex-M55, QEMU's `virt` with RISC-V, or MPS2 with a Cortex-M3 that also
    /// runs code for Cortex-M0.
    pub fn roomy(&self) -> Self {
        let [mps2, ..] = BOARDS;
        if [M33.name, M55.name, RISCV.name].contains(&self.name) {
            return *self;
        }
        Self {
            target: self.target,
            processor: self.processor,
            machine: if self.target == mps2.target {
                mps2.machine
            } else {
                "mps2-an385"
            },
            ..mps2
        }
    }

    /// Settings of a detector in this board's programs, as far as it has these keys: the sizes of the
    /// ensemble, and the fit of a quartet of this preset.
    pub fn settings(&self, detector: &Entry, preset: &str) -> Vec<String> {
        let all = [
            ("window", self.window.to_string()),
            ("history", self.history.to_string()),
            ("fit", "device".to_owned()),
            ("preset", preset.to_owned()),
        ];
        // The app of named detectors has their defaults.
        let sized = detector.app != Some("named");
        let own = all
            .into_iter()
            .filter(|(key, _)| sized && detector.has(key));
        // The apps of a quartet are fitted to as many rows as `run` is, unless a file has few.
        let learn = detector.has_fit.then(|| ("learn", LEARN.to_string()));
        own.chain(learn)
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    }

    /// The board of this name, for the command line.
    ///
    /// # Errors
    /// No board has this name; the error lists the names.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = every().find(|board| board.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = every().map(|board| board.name).collect();
            format!("no such board; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a setting that a detector does not know, or one of the program that is left out.
    #[test]
    fn settings_are_those_that_the_detector_has() {
        let of = |name| ALL[1].settings(Entry::named(name).unwrap(), "tiny");
        assert_eq!(of("rola"), ["window=720", "history=720"]);
        assert_eq!(of("sentinel"), ["fit=device", "preset=tiny", "learn=1000"]);
        assert!(of("sigma").is_empty() && of("consensus").is_empty());
    }

    #[test]
    fn boards_are_found_by_name_and_others_list_them() {
        for board in every() {
            assert_eq!(Board::named(board.name), Ok(board));
        }
        let error = Board::named("stm32").unwrap_err();
        assert!(every().all(|board| error.contains(board.name)));
    }
}
