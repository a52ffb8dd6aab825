//! A shard: the part of the nodes that one task of an array judges.

use std::fmt;
use std::str::FromStr;

/// Part `index` of `count`, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// All nodes.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// Whether it has the node at this place of the sorted names.
    pub const fn has(self, place: usize) -> bool {
        place % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parsed = parts.and_then(|(index, count)| {
            let index = index.trim().parse().ok()?;
            Some((index, count.trim().parse::<usize>().ok()?))
        });
        match parsed {
            Some((index, count)) if index < count => Ok(Self { index, count }),
            Some((_, count)) if count > 0 => Err(format!(
                "shards are counted from 0: 0/{count} to {}/{count}, as of an array 0-{}",
                count - 1,
                count - 1
            )),
            _ => Err("I/N, such as 0/8".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a node of no shard, or of two.
    #[test]
    fn every_place_belongs_to_one_shard() {
        let shards = ["0/3", "1/3", "2/3"].map(|text| text.parse::<Shard>().unwrap());
        for place in 0..10 {
            assert_eq!(shards.iter().filter(|shard| shard.has(place)).count(), 1);
        }
        assert!((0..10).all(|place| Shard::WHOLE.has(place)));
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in ["", "3", "a/3", "-1/3", "0/0", "1/x"] {
            let error = bad.parse::<Shard>().unwrap_err();
            assert_eq!(error, "I/N, such as 0/8", "{bad}");
        }
        let error = "8/8".parse::<Shard>().unwrap_err();
        assert!(error.contains("0/8 to 7/8"), "{error}");
    }
}
