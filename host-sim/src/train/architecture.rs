//! Shapes of autoencoders that are known to work on nodes.

/// A shape, and the penalty on its hidden values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// By the number of columns: a bottleneck for fewer than 8, else sparse
    Auto,
    /// One hidden layer, ten times as wide as the inputs, at most 1,000 values, kept sparse
    /// (D.A.V.I.D.E., Borghesi et al. 2018)
    Sparse,
    /// 32, 8 and 32 hidden values: for a microcontroller
    Narrow,
    /// 16, 8 and 16 hidden values: the dense baseline of RUAD (Molan et al. 2023)
    RuadDense,
    /// Four times as wide as the inputs, half of them (linear), and back: it cannot copy its inputs
    Bottleneck,
}

/// Number of columns from which a sparse layer does not copy its inputs.
const MANY: usize = 8;
/// Largest width of a sparse layer: its training costs the product of columns and width, its rounding the
/// cube of the width.
const WIDEST: usize = 1_000;

impl Preset {
    /// The shape for `inputs` variables.
    pub const fn of(self, inputs: usize) -> Self {
        match self {
            Self::Auto if inputs < MANY => Self::Bottleneck,
            Self::Auto => Self::Sparse,
            _ => self,
        }
    }

    /// Values of the hidden layers for `inputs` variables.
    pub fn hidden(self, inputs: usize) -> Vec<usize> {
        match self.of(inputs) {
            Self::Auto | Self::Sparse => vec![(10 * inputs).min(WIDEST.max(inputs))],
            Self::Narrow => vec![32, 8, 32],
            Self::RuadDense => vec![16, 8, 16],
            Self::Bottleneck => {
                let wide = (4 * inputs).max(16);
                vec![wide, (inputs / 2).max(1), wide]
            }
        }
    }

    /// Whether the narrowest hidden layer is linear, for `inputs` variables.
    pub fn is_linear(self, inputs: usize) -> bool {
        self.of(inputs) == Self::Bottleneck
    }

    /// Penalty on the sum of a row's hidden values, for `inputs` variables.
    pub const fn penalty(self, inputs: usize) -> f64 {
        match self.of(inputs) {
            Self::Auto | Self::Sparse => 1e-5,
            Self::Narrow | Self::RuadDense | Self::Bottleneck => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a network of few columns that can copy them, or one of many that trains for hours.
    #[test]
    fn width_and_bottleneck_follow_the_columns() {
        assert_eq!(Preset::Auto.hidden(2), [16, 1, 16]);
        assert_eq!(Preset::Auto.hidden(7), [28, 3, 28]);
        assert_eq!(Preset::Auto.hidden(8), [80]);
        assert_eq!(Preset::Auto.hidden(84), [840]);
        assert_eq!(Preset::Auto.hidden(500), [1000]);
        assert_eq!(Preset::Sparse.hidden(2), [20]);
        for columns in 2..8 {
            let least = Preset::Auto.hidden(columns).into_iter().min();
            assert!(least < Some(columns), "{columns}");
        }
    }
}
