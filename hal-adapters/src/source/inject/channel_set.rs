//! Which channels a fault concerns.

use bellwether::sample::MAX_VARIABLES;

/// A set of channels, by index: a bit set of fixed size.
///
/// ```
/// use bellwether_hal::source::inject::ChannelSet;
/// let mut set = ChannelSet::EMPTY;
/// set.insert(3);
/// assert!(set.contains(3) && set.iter().eq([3]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelSet([u32; MAX_VARIABLES / 32]);

impl ChannelSet {
    /// No channel.
    pub const EMPTY: Self = Self([0; MAX_VARIABLES / 32]);

    /// Adds a channel; an index of [`MAX_VARIABLES`] or more is ignored.
    pub fn insert(&mut self, channel: usize) {
        if let Some(word) = self.0.get_mut(channel / 32) {
            *word |= 1 << (channel % 32);
        }
    }

    /// Whether the channel is in the set.
    pub fn contains(&self, channel: usize) -> bool {
        self.0
            .get(channel / 32)
            .is_some_and(|word| word >> (channel % 32) & 1 == 1)
    }

    /// Whether no channel is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Number of channels in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The channels, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        let mut words = self.0;
        core::iter::from_fn(move || {
            for (k, word) in words.iter_mut().enumerate() {
                if *word != 0 {
                    let bit = word.trailing_zeros() as usize;
                    *word &= *word - 1;
                    return Some(32 * k + bit);
                }
            }
            None
        })
    }

    /// Adds every channel of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ChannelSet {
    /// The channels in braces.
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{{");
        for (k, channel) in self.iter().enumerate() {
            if k > 0 {
                defmt::write!(f, ", ");
            }
            defmt::write!(f, "{=usize}", channel);
        }
        defmt::write!(f, "}}");
    }
}

impl FromIterator<usize> for ChannelSet {
    fn from_iter<I: IntoIterator<Item = usize>>(channels: I) -> Self {
        let mut set = Self::EMPTY;
        channels.into_iter().for_each(|v| set.insert(v));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_keeps_order_and_ignores_what_does_not_fit() {
        let set: ChannelSet = [511, 0, 33, 33, 512, 4000].into_iter().collect();
        assert!(set.iter().eq([0, 33, 511]));
        assert_eq!(set.len(), 3);
        assert!(!set.contains(512) && !set.contains(1));
        let mut more = ChannelSet::EMPTY;
        assert!(more.is_empty());
        more.extend(&set);
        assert_eq!(more, set);
    }
}
