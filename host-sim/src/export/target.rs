//! Processors that archives are built for.

/// A processor, with the flags of GCC that its objects are linked with.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// Name on the command line.
    pub name: &'static str,
    /// Rust's name; empty for this machine.
    pub triple: &'static str,
    /// Flags of GCC.
    pub flags: &'static str,
    /// Features of the package.
    pub features: &'static str,
    /// Condition in Zephyr's configuration; empty if Zephyr has no such processor.
    pub zephyr: &'static str,
    /// Folder of a precompiled library for Arduino; empty if there is none.
    pub arduino: &'static str,
    /// Chip of ESP-IDF.
    pub esp: Option<&'static str>,
}

const fn cortex(
    name: &'static str,
    triple: &'static str,
    flags: &'static str,
    zephyr: &'static str,
    arduino: &'static str,
) -> Target {
    Target {
        name,
        triple,
        flags,
        features: "",
        zephyr,
        arduino,
        esp: None,
    }
}

/// All of them.
pub const ALL: [Target; 11] = [
    Target {
        zephyr: "",
        ..cortex("host", "", "", "", "")
    },
    cortex(
        "cortex-m0",
        "thumbv6m-none-eabi",
        "-mcpu=cortex-m0 -mthumb",
        "CPU_CORTEX_M0 || CPU_CORTEX_M0PLUS",
        "cortex-m0plus",
    ),
    cortex(
        "cortex-m3",
        "thumbv7m-none-eabi",
        "-mcpu=cortex-m3 -mthumb",
        "CPU_CORTEX_M3",
        "cortex-m3",
    ),
    cortex(
        "cortex-m4",
        "thumbv7em-none-eabi",
        "-mcpu=cortex-m4 -mthumb -mfloat-abi=soft",
        "CPU_CORTEX_M4 && !FP_HARDABI",
        "cortex-m4",
    ),
    cortex(
        "cortex-m4f",
        "thumbv7em-none-eabihf",
        "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16",
        "CPU_CORTEX_M4 && FP_HARDABI",
        "cortex-m4/fpv4-sp-d16-hard",
    ),
    cortex(
        "cortex-m7f",
        "thumbv7em-none-eabihf",
        "-mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16",
        "CPU_CORTEX_M7 && FP_HARDABI",
        "cortex-m7/fpv5-d16-hard",
    ),
    Target {
        features: "cortex-m-dsp",
        ..cortex(
            "cortex-m33",
            "thumbv8m.main-none-eabi",
            "-mcpu=cortex-m33 -mthumb -mfloat-abi=soft",
            "CPU_CORTEX_M33 && !FP_HARDABI",
            "cortex-m33",
        )
    },
    Target {
        features: "cortex-m-dsp",
        ..cortex(
            "cortex-m33f",
            "thumbv8m.main-none-eabihf",
            "-mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16",
            "CPU_CORTEX_M33 && FP_HARDABI",
            "cortex-m33/fpv5-sp-d16-hard",
        )
    },
    Target {
        esp: Some("esp32c3"),
        ..cortex(
            "esp32c3",
            "riscv32imc-unknown-none-elf",
            "-march=rv32imc -mabi=ilp32",
            "SOC_SERIES_ESP32C3",
            "esp32c3",
        )
    },
    Target {
        esp: Some("esp32c6"),
        ..cortex(
            "esp32c6",
            "riscv32imac-unknown-none-elf",
            "-march=rv32imac -mabi=ilp32",
            "SOC_SERIES_ESP32C6",
            "esp32c6",
        )
    },
    cortex(
        "riscv32imac",
        "riscv32imac-unknown-none-elf",
        "-march=rv32imac -mabi=ilp32",
        "RISCV && RISCV_ISA_EXT_M && RISCV_ISA_EXT_A && !64BIT && !FPU",
        "",
    ),
];

impl Target {
    /// The target of this name, for the command line.
    ///
    /// # Errors
    /// There is none; the error lists the names.
    pub fn named(name: &str) -> Result<&'static Self, String> {
        static TARGETS: [Target; 11] = ALL;
        TARGETS
            .iter()
            .find(|target| target.name == name)
            .ok_or_else(|| {
                let names: Vec<&str> = ALL.iter().map(|target| target.name).collect();
                format!("no such target; there are {}", names.join(", "))
            })
    }

    /// Whether it is this machine.
    pub const fn is_host(&self) -> bool {
        self.triple.is_empty()
    }

    /// Libraries of the system that a program needs beside the archive.
    pub const fn libraries(&self) -> &'static str {
        if self.is_host() {
            "-lpthread -ldl -lm"
        } else {
            ""
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_by_name_and_others_list_them() {
        for target in &ALL {
            assert_eq!(Target::named(target.name), Ok(target));
        }
        let error = Target::named("avr").unwrap_err();
        assert!(ALL.iter().all(|target| error.contains(target.name)));
    }
}
