//! Looking at the bytes of a text eight or sixteen at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Eight spaces.
pub(super) const SPACES: u64 = LOW * 0x20;

/// A bit in the high end of bytes that JSON escapes: quote, backslash, control characters. Exact up to the first.
#[inline]
pub(super) fn special(word: u64) -> u64 {
    // With its second bit turned, the quote is the byte after the control characters.
    let quote_or_control = (word ^ (LOW * 2)).wrapping_sub(LOW * 0x21);
    let backslash = (word ^ (LOW * 0x5c)).wrapping_sub(LOW);
    (quote_or_control | backslash) & !word & HIGH
}

/// Where there are bytes that JSON escapes; a loop that the compiler does with vectors.
#[derive(Clone, Copy)]
pub(super) struct Marks([u8; 16]);

impl Marks {
    pub(super) const NONE: Self = Self([0; 16]);

    #[inline]
    #[must_use]
    pub(super) fn and_of(mut self, bytes: &[u8; 16]) -> Self {
        for (mark, byte) in self.0.iter_mut().zip(bytes) {
            // With its second bit turned, the quote is the byte after the control characters.
            let is_special = *byte ^ 2 < 0x21 || *byte == b'\\';
            *mark |= if is_special { u8::MAX } else { 0 };
        }
        self
    }

    #[inline]
    #[must_use]
    pub(super) fn and_of_both(self, bytes: &[u8; 32]) -> Self {
        match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(first), Some(last)) => self.and_of(first).and_of(last),
            _ => self,
        }
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0.iter().fold(0, |all, mark| all | mark) == 0
    }
}

/// Whether two texts of one length are the same; for short ones, which a call would cost more than to compare.
#[inline]
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (Some(end), Some(other_end)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else {
        return one == other;
    };
    // The last word takes in what is left over.
    let (words, other_words) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    // Word by word: slices would be compared by a call.
    end == other_end && words.iter().zip(other_words).all(|(word, other)| word == other)
}

/// Whether a space is among the bytes.
pub(super) fn has_space(bytes: &[u8]) -> bool {
    let none = |word: [u8; 8]| {
        let other = u64::from_le_bytes(word) ^ SPACES;
        other.wrapping_sub(LOW) & !other & HIGH == 0
    };
    let (words, tail) = bytes.as_chunks::<8>();
    let rest_is_free = match bytes.last_chunk() {
        // The last word takes in what is left over.
        Some(last) => none(*last),
        None => !tail.contains(&b' '),
    };
    !(rest_is_free && words.iter().all(|word| none(*word)))
}

/// Number of bytes before the first that JSON escapes.
pub(super) fn plain_len(text: &[u8]) -> usize {
    let (words, tail) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let stop = special(u64::from_le_bytes(*word));
        if stop != 0 {
            return at * 8 + (stop.trailing_zeros() / 8) as usize;
        }
    }
    let plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | ..0x20);
    words.len() * 8 + tail.iter().take_while(plain).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_seen_wherever_it_stands() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).collect();
            assert!(is_same(&text, &text.clone()));
            for position in 0..text.len() {
                let mut other = text.clone();
                other[position] ^= 1;
                assert!(!is_same(&text, &other), "{length} {position}");
            }
        }
    }

    #[test]
    fn a_space_is_found_wherever_it_stands() {
        for length in 0..40 {
            for byte in [0, b'!', 0x1f, b'~', 0xa0, 0xff] {
                let mut text = vec![byte; length];
                assert!(!has_space(&text), "{byte} {length}");
                for position in 0..length {
                    text[position] = b' ';
                    assert!(has_space(&text), "{byte} {length} {position}");
                    text[position] = byte;
                }
            }
        }
    }

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for byte in 0..=255_u8 {
            let stops = matches!(byte, b'"' | b'\\' | ..0x20);
            for around in [b'~', b' ', b'!', b'#', b'[', b']', 0x80, 0xff] {
                for position in 0..19 {
                    let mut text = [around; 19];
                    text[position] = byte;
                    assert_eq!(
                        plain_len(&text),
                        if stops { position } else { 19 },
                        "{byte} {around}"
                    );
                }
            }
        }
    }
}
