//! Shapes of autoencoders that are known to work on nodes.

/// A shape, and the penalty on its hidden values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// One hidden layer, ten times as wide as the inputs, kept sparse (D.A.V.I.D.E., Borghesi et
    /// al. 2018)
    Sparse,
    /// 32, 8 and 32 hidden values: for a microcontroller
    Narrow,
    /// 16, 8 and 16 hidden values: the dense baseline of RUAD (Molan et al. 2023)
    RuadDense,
}

impl Preset {
    /// Values of the hidden layers for `inputs` variables.
    pub fn hidden(self, inputs: usize) -> Vec<usize> {
        match self {
            Self::Sparse => vec![10 * inputs],
            Self::Narrow => vec![32, 8, 32],
            Self::RuadDense => vec![16, 8, 16],
        }
    }

    /// Penalty on the sum of a row's hidden values.
    pub const fn penalty(self) -> f64 {
        match self {
            Self::Sparse => 1e-5,
            Self::Narrow | Self::RuadDense => 0.0,
        }
    }
}
