//! Names of scores in arguments.

use bellwether::model::Score;

/// The score of a name.
pub fn score(name: &str) -> Result<Score, String> {
    let found = Score::ALL.into_iter().find(|score| score.name() == name);
    found.ok_or_else(|| {
        let names = Score::ALL.map(Score::name);
        format!("a score is one of {}", names.join(", "))
    })
}
