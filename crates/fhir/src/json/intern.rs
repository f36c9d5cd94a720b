//! Sharing of texts that repeat.

use crate::element::Str;

/// Gives the same allocation for the same text where it saw it lately.
///
/// Nine tenths of the string bytes of a record repeat (URLs of code systems, displays), so this saves most
/// allocations. It is a cache with one place for each hash, hence of bounded size whatever comes.
pub(crate) struct Interner {
    slots: Vec<Str>,
}

/// Longer texts are hardly repeated and cost more to compare.
const LONGEST: usize = 256;
/// Up to this length a text is stored in place.
const INLINE: usize = 23;

impl Interner {
    /// A cache fit for a source of that many bytes.
    pub(crate) fn new(source: usize) -> Self {
        let slots = (source / 512).next_power_of_two().clamp(16, 4096);
        Self {
            slots: vec![Str::default(); slots],
        }
    }

    #[inline]
    pub(crate) fn get(&mut self, text: &str) -> Str {
        if text.len() <= INLINE || text.len() > LONGEST {
            return Str::from(text);
        }
        let at = hash(text.as_bytes()) as usize & (self.slots.len() - 1);
        match self.slots.get_mut(at) {
            Some(slot) if slot == text => slot.clone(),
            Some(slot) => {
                *slot = Str::from(text);
                slot.clone()
            }
            None => Str::from(text),
        }
    }
}

/// Mixes length and the words at both ends and in the middle; a poor hash costs a repeated allocation, no more.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let word = |at: usize| {
        bytes
            .get(at..at + 8)
            .and_then(|chunk| <[u8; 8]>::try_from(chunk).ok())
            .map_or(0, u64::from_le_bytes)
    };
    let len = bytes.len();
    let mut state = len as u64;
    for at in [0, len / 2 - 4, len / 4 * 3 - 4, len - 16, len - 8] {
        state = (state ^ word(at)).wrapping_mul(MIX);
        state ^= state >> 29;
    }
    state ^ (state >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_texts_are_equal_to_their_source() {
        let mut interner = Interner::new(10_000);
        for round in 0..3 {
            for n in 0..500 {
                let text = format!("http://example.org/code-system/{}", n % 37 + round);
                assert_eq!(interner.get(&text), text);
            }
        }
        assert_eq!(interner.get(""), "");
        assert_eq!(interner.get(&"x".repeat(1000)), "x".repeat(1000));
    }
}
