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

/// Marks where there is a byte that JSON escapes; a loop that the compiler does with vectors.
#[inline]
pub(super) fn mark_special<const N: usize>(found: &mut [u8; N], bytes: &[u8; N]) {
    for (found, byte) in found.iter_mut().zip(bytes) {
        // With its second bit turned, the quote is the byte after the control characters.
        *found |= u8::from(*byte ^ 2 < 0x21) | u8::from(*byte == b'\\');
    }
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
