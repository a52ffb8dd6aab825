//! A fit in a file: a quartet, what is usual of its sensors, and their names (`docs/formats/snapshot.md`).

#[cfg(feature = "full")]
mod bytes;

use anyhow::{Context, ensure};

/// A fit, to start from instead of learning from the first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitFile {
    /// Names of the variables, in their order.
    pub names: Vec<String>,
    /// The snapshot of the quartet or the node: what a board restores.
    pub quartet: Vec<u8>,
    /// The snapshot of the health of its sensors, from a sentinel.
    pub health: Option<Vec<u8>>,
}

impl FitFile {
    /// The number of the quartet's shape.
    pub fn shape(&self) -> Option<u32> {
        let bytes = self.quartet.get(6..10)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// The snapshot of the sensors' health.
    ///
    /// # Errors
    /// There is none.
    pub fn health(&self) -> anyhow::Result<&[u8]> {
        let health = self.health.as_deref();
        health.context(
            "the fit has no health of sensors: write it with `bellwether fit --detector sentinel`",
        )
    }

    /// Checks that the variables at hand are those of the fit, in its order.
    ///
    /// # Errors
    /// Names the number, or the first variable that differs.
    pub fn expect_names(&self, names: &[String]) -> anyhow::Result<()> {
        let (fitted, found) = (self.names.len(), names.len());
        ensure!(
            fitted == found,
            "the fit has {fitted} variables, the recording {found}"
        );
        for (k, (fitted, found)) in self.names.iter().zip(names).enumerate() {
            ensure!(
                fitted == found,
                "variable {} is `{fitted}` in the fit and `{found}` in the recording",
                k + 1
            );
        }
        Ok(())
    }
}
