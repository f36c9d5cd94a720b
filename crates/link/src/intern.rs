//! Distinct strings, each kept once.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Number of a string in an [`Interner`]; 0 is the empty string.
pub(crate) type Symbol = u32;

/// Strings in one arena: four bytes a string beside its text.
///
/// `BITS` of the end of each string are kept; where the text has passed a multiple of that range, it is said which
/// string did, so that no length wraps. It is 32 outside of tests.
#[derive(Clone, Default)]
pub(crate) struct Texts<const BITS: u32 = 32> {
    text: String,
    /// The lower bits of each string's end.
    ends: Vec<u32>,
    /// The string at which the text passed each multiple of the range, ascending; none below four gigabytes.
    passed: Vec<usize>,
}

impl<const BITS: u32> Texts<BITS> {
    /// Number of strings.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The string at an index; empty beyond the end.
    pub(crate) fn get(&self, index: usize) -> &str {
        let Some(end) = self.end(index) else {
            return "";
        };
        let start = index.checked_sub(1).and_then(|before| self.end(before));
        self.text.get(start.unwrap_or(0)..end).unwrap_or_default()
    }

    fn end(&self, index: usize) -> Option<usize> {
        let low = u64::from(*self.ends.get(index)?);
        let high = self.passed.partition_point(|at| *at <= index) as u64;
        Some((high << BITS | low) as usize)
    }

    /// Adds a string at the end.
    pub(crate) fn push(&mut self, text: &str) {
        let before = self.text.len() as u64 >> BITS;
        self.text.push_str(text);
        let end = self.text.len() as u64;
        for _ in before..end >> BITS {
            self.passed.push(self.ends.len());
        }
        self.ends.push((end & ((1 << BITS) - 1)) as u32);
    }

    /// All strings in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// A table of distinct strings: beside their texts a slot for each.
#[derive(Clone)]
pub(crate) struct Interner {
    texts: Texts,
    slots: Vec<u32>,
}

impl Default for Interner {
    fn default() -> Self {
        let mut table = Self {
            texts: Texts::default(),
            slots: vec![0; 16],
        };
        table.intern("");
        table
    }
}

/// Hash of a text that is the same on every run and every machine.
pub(crate) fn stable_hash(text: &str) -> u64 {
    // FNV-1a with a final mix; short strings only.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    mix(hash)
}

/// Spreads the bits of a number over all 64.
pub(crate) fn mix(mut x: u64) -> u64 {
    x ^= x >> 32;
    x = x.wrapping_mul(0x9fb2_1c65_1e98_df25);
    x ^= x >> 29;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    x ^ (x >> 32)
}

fn slot_hash(text: &str) -> usize {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    mix(hasher.finish()) as usize
}

impl Interner {
    /// Number of distinct strings, the empty one included.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The string of a symbol; empty for a symbol of another table.
    pub(crate) fn get(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol as usize)
    }

    /// Takes in the strings of another table; the result holds the symbol here of each symbol there.
    pub(crate) fn absorb(&mut self, other: &Self) -> Vec<Symbol> {
        other.texts.iter().map(|text| self.intern(text)).collect()
    }

    /// The symbol of a string, if it is in the table.
    #[cfg(test)]
    pub(crate) fn find(&self, text: &str) -> Option<Symbol> {
        let mask = self.slots.len() - 1;
        let mut at = slot_hash(text) & mask;
        while let Some(&slot) = self.slots.get(at) {
            if slot == 0 {
                return None;
            }
            if self.get(slot - 1) == text {
                return Some(slot - 1);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// The symbol of a string, which is added where it is new.
    pub(crate) fn intern(&mut self, text: &str) -> Symbol {
        let mask = self.slots.len() - 1;
        let mut at = slot_hash(text) & mask;
        while let Some(&slot) = self.slots.get(at) {
            if slot == 0 {
                break;
            }
            if self.get(slot - 1) == text {
                return slot - 1;
            }
            at = (at + 1) & mask;
        }
        // A string that has no number any more is a missing value, which is evidence for nothing.
        let Some(symbol) = u32::try_from(self.len())
            .ok()
            .filter(|symbol| *symbol < Symbol::MAX)
        else {
            return 0;
        };
        self.texts.push(text);
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = symbol + 1;
        }
        if self.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        symbol
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let mask = size - 1;
        let mut slots = vec![0_u32; size];
        for symbol in 0..self.len() as u32 {
            let mut at = slot_hash(self.get(symbol)) & mask;
            while slots.get(at).is_some_and(|slot| *slot != 0) {
                at = (at + 1) & mask;
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = symbol + 1;
            }
        }
        self.slots = slots;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_length_wraps() {
        let long = "x".repeat(100);
        let mut strings: Vec<&str> = ["", "a", "seven", "fifteen letters", "", &long, "", "b", ""].repeat(40);
        strings.push("the end");
        let mut texts = Texts::<4>::default();
        for text in &strings {
            texts.push(text);
        }
        assert!(texts.iter().eq(strings.iter().copied()));
        assert_eq!(texts.get(strings.len()), "");
        // What passes no multiple of the range keeps no more than before.
        let mut texts = Texts::<32>::default();
        texts.push(&long);
        assert!(texts.passed.is_empty());
    }

    #[test]
    fn a_string_is_kept_once() {
        let mut table = Interner::default();
        let symbols: Vec<_> = (0..1000).map(|n| table.intern(&format!("name{n}"))).collect();
        for (n, symbol) in symbols.iter().enumerate() {
            assert_eq!(table.intern(&format!("name{n}")), *symbol);
            assert_eq!(table.get(*symbol), format!("name{n}"));
        }
        assert_eq!(table.intern(""), 0);
        assert_eq!(table.find("name7"), Some(symbols[7]));
        assert_eq!(table.find("other"), None);
        assert_eq!(table.len(), 1001);
        let mut other = Interner::default();
        other.intern("name7");
        other.intern("other");
        assert_eq!(table.absorb(&other), [0, symbols[7], 1001]);
        assert_eq!(table.get(1001), "other");
    }
}
