//! Errors in numbers.

/// Errors of typing between two numbers of equal length: wrong digits, and neighbours exchanged,
/// which count as one. Three stand for any more.
pub(super) fn errors(a: u64, b: u64) -> u32 {
    let (mut a, mut b) = (a, b);
    let mut count = 0;
    while a != b && count < 3 {
        if a % 10 == b % 10 {
            a /= 10;
            b /= 10;
            continue;
        }
        count += 1;
        let exchanged = a % 10 == b / 10 % 10 && b % 10 == a / 10 % 10;
        let width = if exchanged { 100 } else { 10 };
        a /= width;
        b /= width;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_exchanged_are_one_error() {
        for (a, b, count) in [
            (7_093_683_777, 7_093_683_777, 0),
            (7_093_683_777, 7_093_863_777, 1),
            (7_093_683_777, 7_093_683_778, 1),
            (7_093_683_777, 7_093_638_777, 1),
            (7_093_683_777, 7_093_683_991, 3),
            (6_095_275, 2_695_275, 2),
            (9_827_279, 9_872_276, 2),
            (1_234_567_890, 9_876_543_211, 3),
            (12, 9_012, 1),
        ] {
            assert_eq!(errors(a, b), count, "{a} {b}");
            assert_eq!(errors(b, a), count, "{b} {a}");
        }
    }
}
