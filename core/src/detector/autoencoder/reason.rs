//! Why an input was judged anomalous.

use crate::model::Score;

/// Why an input was judged anomalous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// This score was above its threshold.
    Score(Score),
    /// More inputs than the model's limit lay outside their grid, which clips them: the
    /// assessment's score and threshold are these counts.
    Saturated,
}

impl Reason {
    /// The code in states and reports: 1 saturated, else the score's code and 2; 0 is no reason.
    ///
    /// ```
    /// use bellwether::{autoencoder::Reason, model::Score};
    /// let reason = Reason::Score(Score::MeanSquare);
    /// assert_eq!(reason.code(), 4);
    /// assert_eq!(Reason::from_code(4), Some(reason));
    /// assert_eq!(Reason::from_code(0), None);
    /// ```
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Saturated => 1,
            Self::Score(score) => 2 + score.code(),
        }
    }

    /// The reason of a code, if it is one's.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let scores = Score::ALL.into_iter().map(Self::Score);
        let mut reasons = scores.chain([Self::Saturated]);
        reasons.find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by any other number for a reason.
    #[test]
    fn codes_are_those_of_the_document() {
        let scores = [
            (2, Score::MeanAbsolute),
            (3, Score::MaxAbsolute),
            (4, Score::MeanSquare),
            (5, Score::NegativeLogLikelihood),
            (6, Score::Distance),
            (7, Score::Logit),
        ];
        let reasons = scores.map(|(code, score)| (code, Reason::Score(score)));
        for (code, reason) in reasons.into_iter().chain([(1, Reason::Saturated)]) {
            assert_eq!(reason.code(), code);
            assert_eq!(Reason::from_code(code), Some(reason));
        }
        for code in (8..=u8::MAX).chain([0]) {
            assert_eq!(Reason::from_code(code), None, "{code}");
        }
    }
}
