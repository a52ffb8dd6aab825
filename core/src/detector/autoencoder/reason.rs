//! Reasons why an input is anomalous.

use crate::model::Score;

/// The reason why an input is anomalous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// This score was above its threshold.
    Score(Score),
    /// More inputs were saturated (clipped to the ends of their grid) than the model's limit. The
    /// assessment's score and threshold are these counts.
    Saturated,
    /// The surprise of the score that the model has limits of was above its threshold. Score and
    /// threshold of the assessment are those of the surprise.
    Surprise,
}

impl Reason {
    /// The code in states and reports: 1 saturated, 64 surprise, else the score's code plus 2; 0 is
    /// no reason.
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
            Self::Surprise => 64,
            Self::Score(score) => 2 + score.code(),
        }
    }

    /// The reason with this code, if there is one.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let scores = Score::ALL.into_iter().map(Self::Score);
        let mut reasons = scores.chain([Self::Saturated, Self::Surprise]);
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
        for (code, reason) in reasons
            .into_iter()
            .chain([(1, Reason::Saturated), (64, Reason::Surprise)])
        {
            assert_eq!(reason.code(), code);
            assert_eq!(Reason::from_code(code), Some(reason));
        }
        for code in (8..64).chain(65..=u8::MAX).chain([0]) {
            assert_eq!(Reason::from_code(code), None, "{code}");
        }
    }
}
