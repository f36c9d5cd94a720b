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
/// Bytes that one vector instruction takes.
const LANE: usize = 16;

/// For each row of 16 bytes the bit that stands for it: rows are two words of eight bytes, and bit
/// `j` of byte `i` of the sum belongs to byte `i` of word `j`.
const WEIGHTS: [[u8; LANE]; 4] = [weights(0), weights(1), weights(2), weights(3)];

const fn weights(row: u8) -> [u8; LANE] {
    let (low, high) = (1 << (2 * row), 2 << (2 * row));
    [
        low, low, low, low, low, low, low, low, high, high, high, high, high, high, high, high,
    ]
}

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

/// Marks all of `bytes`; calls `control` with the offsets of bytes below 0x20, in order: of every CR,
/// LF and ESC, and of some others.
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
    let mut seen = [0u8; LANE];
    let mut mark = |at: usize, mut controls: u64| {
        while controls != 0 {
            control(at + controls.trailing_zeros() as usize);
            controls &= controls - 1;
        }
    };
    let (chunks, tail) = bytes.as_chunks::<WIDTH>();
    let mut number = 0;
    let mut quiet = 0;
    let mut window = QUIET_WINDOW;
    while let Some(chunk) = chunks.get(number) {
        let (block, controls) = classify(chunk, separators, &mut seen);
        blocks.push(block);
        mark(number * WIDTH, controls);
        number += 1;
        if block.field | block.inner | controls != 0 {
            quiet = 0;
            continue;
        }
        quiet += 1;
        if quiet < QUIET_BLOCKS {
            continue;
        }
        // In the middle of a long value: searching is faster than classifying.
        quiet = 0;
        let rest = bytes
            .get(number * WIDTH..chunks.len() * WIDTH)
            .unwrap_or_default();
        let rest = rest.get(..window).unwrap_or(rest);
        let run = quiet_run(rest, separators) / WIDTH;
        window = if run * WIDTH == rest.len() {
            window.saturating_mul(2)
        } else {
            QUIET_WINDOW
        };
        blocks.resize(blocks.len() + run, Block::default());
        if !rest.get(..run * WIDTH).unwrap_or_default().is_ascii() {
            seen = [0xff; LANE];
        }
        number += run;
    }
    if !tail.is_empty() {
        let mut chunk = [b' '; WIDTH];
        for (to, from) in chunk.iter_mut().zip(tail) {
            *to = *from;
        }
        let (mut block, controls) = classify(&chunk, separators, &mut seen);
        // The filler is no control character, but it can be a separator.
        let valid = u64::MAX >> (WIDTH - tail.len());
        block.field &= valid;
        block.inner &= valid;
        blocks.push(block);
        mark(chunks.len() * WIDTH, controls);
    }
    Seen {
        non_ascii: seen.iter().any(|byte| *byte >= 0x80),
    }
}

/// After so many blocks without a mark a long value is taken to have begun.
const QUIET_BLOCKS: u32 = 4;
/// How far a long value is searched at first; twice as far each time that nothing is found, so that
/// the searches of all needles together stay linear.
const QUIET_WINDOW: usize = 4096;

/// How many bytes there are before the first separator, line end or ISO 2022 escape.
fn quiet_run(bytes: &[u8], separators: Separators) -> usize {
    let [component, repetition, subcomponent] = separators.inner;
    let before = |found: Option<usize>, bytes: &[u8]| found.unwrap_or(bytes.len());
    let run = before(
        memchr::memchr3(separators.field, component, repetition, bytes),
        bytes,
    );
    let bytes = bytes.get(..run).unwrap_or_default();
    let run = before(memchr::memchr3(subcomponent, b'\r', b'\n', bytes), bytes);
    let bytes = bytes.get(..run).unwrap_or_default();
    before(memchr::memchr(0x1b, bytes), bytes)
}

/// The marks of one block, and which of its bytes are below 0x20.
///
/// Written so that every step is the same for 16 neighbouring bytes: compilers make vector
/// instructions of it without being asked to.
#[expect(
    clippy::inline_always,
    reason = "called apart, the separators would be spread over vectors for each block"
)]
#[inline(always)]
fn classify(chunk: &[u8; WIDTH], separators: Separators, seen: &mut [u8; LANE]) -> (Block, u64) {
    let [component, repetition, subcomponent] = separators.inner;
    let (mut field, mut inner, mut control) = ([0u8; LANE], [0u8; LANE], [0u8; LANE]);
    let (rows, _) = chunk.as_chunks::<LANE>();
    for (row, weights) in rows.iter().zip(&WEIGHTS) {
        let sums = field
            .iter_mut()
            .zip(&mut inner)
            .zip(&mut control)
            .zip(seen.iter_mut());
        for ((byte, weight), (((field, inner), control), seen)) in row.iter().zip(weights).zip(sums) {
            *field |= all_if(*byte == separators.field) & weight;
            *inner |=
                (all_if(*byte == component) | all_if(*byte == repetition) | all_if(*byte == subcomponent))
                    & weight;
            *control |= all_if(*byte < b' ') & weight;
            *seen |= byte;
        }
    }
    let [field, inner, control] = [field, inner, control].map(u128::from_le_bytes);
    if field | inner | control == 0 {
        return (Block::default(), 0);
    }
    (
        Block {
            field: in_order(field),
            inner: in_order(inner),
        },
        in_order(control),
    )
}

/// All bits set when the condition holds.
#[inline]
fn all_if(condition: bool) -> u8 {
    0u8.wrapping_sub(u8::from(condition))
}

/// Brings the sum of weighted rows into the order of the bytes: an 8 by 8 matrix of bits, transposed.
#[inline]
fn in_order(sum: u128) -> u64 {
    let mut bits = (sum as u64) | ((sum >> 64) as u64);
    let mut swap = |distance: u32, mask: u64| {
        let moved = (bits ^ (bits >> distance)) & mask;
        bits ^= moved ^ (moved << distance);
    };
    swap(7, 0x00aa_00aa_00aa_00aa);
    swap(14, 0x0000_cccc_0000_cccc);
    swap(28, 0x0000_0000_f0f0_f0f0);
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_agree_with_a_byte_by_byte_reading() {
        let text: Vec<u8> = (0..2000u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        // Long stretches without a mark, with one mark after them at every place in a block.
        let quiet = |length: usize, mark: u8| [vec![b'x'; length], vec![mark], vec![b'y'; 700]].concat();
        let long = (9000..9130)
            .flat_map(|length| [b'|', b'&', b'\r', b'\n', 0x1b, 0x80].map(|mark| quiet(length, mark)));
        let short = [0, 1, 63, 64, 65, 127, 128, 129, 2000].map(|length| text[..length].to_vec());
        for bytes in short.into_iter().chain(long) {
            let (bytes, length) = (bytes.as_slice(), bytes.len());
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
                if b"\r\n\x1b".contains(byte) {
                    assert!(controls.contains(&at), "control at {at}");
                }
            }
        }
    }
}
