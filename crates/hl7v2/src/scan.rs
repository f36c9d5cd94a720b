//! One pass over the bytes that marks every separator.
//!
//! The result is two bits a byte: "a field separator stands here" and "a separator below the field
//! (repetition, component or subcomponent) stands here". Sixty-four bytes are classified at a time
//! in a loop without branches, which compilers turn into vector code.

use crate::delimiters::Delimiters;

/// The marks of 64 consecutive bytes; bit `i` belongs to byte `i`.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Field separators.
    pub(crate) field: u64,
    /// Repetition, component and subcomponent separators.
    pub(crate) inner: u64,
}

const WIDTH: usize = 64;
const FIELD: u8 = 1;
const INNER: u8 = 2;
const CONTROL: u8 = 4;
const ONES: u64 = 0x0101_0101_0101_0101;
const GATHER: u64 = 0x0102_0408_1020_4080;

/// What one scan found besides the blocks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Some byte has its high bit set.
    pub(crate) non_ascii: bool,
}

/// The separators as plain bytes; an unused one repeats another, which changes nothing.
#[derive(Clone, Copy)]
struct Separators {
    field: u8,
    inner: [u8; 3],
}

/// Marks all of `bytes`; calls `control` with the offset of each byte below 0x20, in order.
pub(crate) fn scan(
    bytes: &[u8],
    delimiters: &Delimiters,
    blocks: &mut Vec<Block>,
    mut control: impl FnMut(usize),
) -> Seen {
    let inner = [
        delimiters.component,
        delimiters.repetition,
        delimiters.subcomponent,
    ];
    // A control character can stand in for "unused": values never contain the line end.
    let separators = Separators {
        field: delimiters.field,
        inner: inner.map(|byte| byte.unwrap_or(b'\r')),
    };
    blocks.reserve_exact(bytes.len().div_ceil(WIDTH));
    let mut high = 0u8;
    let (chunks, tail) = bytes.as_chunks::<WIDTH>();
    for (number, chunk) in chunks.iter().enumerate() {
        let (block, mut controls) = classify(chunk, separators, &mut high);
        blocks.push(block);
        while controls != 0 {
            control(number * WIDTH + controls.trailing_zeros() as usize);
            controls &= controls - 1;
        }
    }
    if !tail.is_empty() {
        let mut chunk = [b' '; WIDTH];
        for (to, from) in chunk.iter_mut().zip(tail) {
            *to = *from;
        }
        let (mut block, mut controls) = classify(&chunk, separators, &mut high);
        let valid = u64::MAX >> (WIDTH - tail.len());
        block.field &= valid;
        block.inner &= valid;
        blocks.push(block);
        while controls != 0 {
            control(chunks.len() * WIDTH + controls.trailing_zeros() as usize);
            controls &= controls - 1;
        }
    }
    Seen {
        non_ascii: high >= 0x80,
    }
}

#[inline]
#[expect(
    clippy::needless_bitwise_bool,
    reason = "a branch for each byte would keep the loop from being vectorised"
)]
fn classify(chunk: &[u8; WIDTH], separators: Separators, high: &mut u8) -> (Block, u64) {
    let mut classes = [0u8; WIDTH];
    let mut seen = 0u8;
    let [component, repetition, subcomponent] = separators.inner;
    for (class, &byte) in classes.iter_mut().zip(chunk) {
        let field = u8::from(byte == separators.field) * FIELD;
        let inner = u8::from((byte == component) | (byte == repetition) | (byte == subcomponent)) * INNER;
        let control = u8::from(byte < b' ') * CONTROL;
        *class = field | inner | control;
        seen |= byte;
    }
    *high |= seen;
    let (words, _) = classes.as_chunks::<8>();
    let any = words.iter().fold(0, |any, word| any | u64::from_le_bytes(*word));
    if any == 0 {
        return (Block::default(), 0);
    }
    let (mut field, mut inner, mut control) = (0, 0, 0);
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let shift = number * 8;
        field |= gather(word) << shift;
        inner |= gather(word >> 1) << shift;
        control |= gather(word >> 2) << shift;
    }
    (Block { field, inner }, control)
}

/// The lowest bit of each of the eight bytes, as eight bits.
#[inline]
fn gather(word: u64) -> u64 {
    (word & ONES).wrapping_mul(GATHER) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_agree_with_a_byte_by_byte_reading() {
        let text: Vec<u8> = (0..2000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for length in [0, 1, 63, 64, 65, 127, 128, 129, 2000] {
            let bytes = &text[..length];
            let mut blocks = Vec::new();
            let mut controls = Vec::new();
            let seen = scan(bytes, &Delimiters::STANDARD, &mut blocks, |at| controls.push(at));
            assert_eq!(blocks.len(), length.div_ceil(64));
            assert_eq!(seen.non_ascii, !bytes.is_ascii());
            for (at, byte) in bytes.iter().enumerate() {
                let block = blocks[at / 64];
                assert_eq!(
                    block.field >> (at % 64) & 1 == 1,
                    *byte == b'|',
                    "field mark at {at}"
                );
                assert_eq!(
                    block.inner >> (at % 64) & 1 == 1,
                    b"^~&".contains(byte),
                    "inner mark at {at}"
                );
                assert_eq!(controls.contains(&at), *byte < 0x20, "control at {at}");
            }
        }
    }
}
