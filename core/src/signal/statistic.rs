//! The features of a burst, by name and code.

/// A feature of a burst of N samples x with mean m. Append-only: codes are part of the byte format of
/// models.
///
/// | | definition | unit |
/// |---|---|---|
/// | mean | m = Σ x / N | the samples' |
/// | rms | √(Σ x² / N) | the samples' |
/// | deviation | s = √(Σ (x - m)² / N), the RMS about the mean | the samples' |
/// | peak | p = max abs(x - m) | the samples' |
/// | crest | p / s; 0 if constant | 1 |
/// | kurtosis | Σ (x - m)⁴ / N / s⁴; 0 if constant; 3 for normal noise, 1.5 for a sine | 1 |
/// | crossings | share of neighbours between which x - m changes its sign, 0 counted as positive | 1 |
/// | band1 to band8 | RMS of the part of x in each eighth of the frequencies up to half the rate | the samples' |
///
/// The squares of a band are its energy per sample. All eight together are s² (Parseval): the spectrum is
/// that of the burst as it is, without a window. Band b holds the frequencies above b - 1 and up to b
/// sixteenths of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The root of the mean square.
    Rms,
    /// The root of the mean square about the mean.
    Deviation,
    /// The largest distance from the mean.
    Peak,
    /// The peak in deviations.
    Crest,
    /// The fourth moment about the mean in deviations.
    Kurtosis,
    /// The share of neighbours on both sides of the mean.
    Crossings,
    /// The RMS in a band, 0 to 7.
    Band(u8),
}

impl Statistic {
    /// Number of features.
    pub const COUNT: usize = 15;
    /// Number of bands.
    pub const BANDS: usize = 8;

    /// All features, in the order of their codes.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Mean,
        Self::Rms,
        Self::Deviation,
        Self::Peak,
        Self::Crest,
        Self::Kurtosis,
        Self::Crossings,
        Self::Band(0),
        Self::Band(1),
        Self::Band(2),
        Self::Band(3),
        Self::Band(4),
        Self::Band(5),
        Self::Band(6),
        Self::Band(7),
    ];

    /// The feature's code in a model, and its place among the features of a burst.
    pub const fn code(self) -> u8 {
        match self {
            Self::Mean => 0,
            Self::Rms => 1,
            Self::Deviation => 2,
            Self::Peak => 3,
            Self::Crest => 4,
            Self::Kurtosis => 5,
            Self::Crossings => 6,
            Self::Band(band) => band.saturating_add(7),
        }
    }

    /// The feature of a code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The feature as one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Rms => "rms",
            Self::Deviation => "deviation",
            Self::Peak => "peak",
            Self::Crest => "crest",
            Self::Kurtosis => "kurtosis",
            Self::Crossings => "crossings",
            Self::Band(0) => "band1",
            Self::Band(1) => "band2",
            Self::Band(2) => "band3",
            Self::Band(3) => "band4",
            Self::Band(4) => "band5",
            Self::Band(5) => "band6",
            Self::Band(6) => "band7",
            Self::Band(_) => "band8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Statistic;

    /// Broken by a feature that is appended without its code.
    #[test]
    fn codes_are_places() {
        for (k, statistic) in Statistic::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(statistic.code()), k);
            assert_eq!(Statistic::from_code(k as u8), Some(statistic));
        }
        assert_eq!(Statistic::from_code(15), None);
    }
}
