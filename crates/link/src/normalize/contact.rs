//! Telephone numbers, e-mail addresses and social security numbers.

use super::filler::{digits, is_filler, is_made_up};

/// Digits of a telephone number without country code 1 and extension; 0 where missing or a filler.
pub(crate) fn phone(text: &str) -> u64 {
    let lower_end = text
        .find(['x', 'X', ';', ','])
        .or_else(|| text.to_ascii_lowercase().find("ext"))
        .unwrap_or(text.len());
    let mut value: u64 = 0;
    let mut count = 0;
    let mut distinct: u16 = 0;
    for byte in text.as_bytes().iter().take(lower_end) {
        if byte.is_ascii_digit() {
            let digit = byte - b'0';
            if count == 0 && digit == 0 {
                continue;
            }
            value = value.saturating_mul(10).saturating_add(u64::from(digit));
            count += 1;
            distinct |= 1 << digit;
        }
    }
    if count == 11 && value / 10_000_000_000 == 1 {
        value %= 10_000_000_000;
        count = 10;
    }
    let subscriber = value % 10_000_000;
    let filler = distinct.count_ones() < 3
        || is_made_up(digits(value))
        || is_made_up(digits(subscriber + 10_000_000).take(7))
        || value / 10_000 == 555_555
        || subscriber == 5_551_212;
    if !(7..=15).contains(&count) || filler {
        0
    } else {
        value
    }
}

/// An e-mail address in lower case without a `+tag`; empty where it is none or a filler.
pub(crate) fn email(text: &str) -> String {
    let text = text.trim().trim_start_matches("mailto:").to_ascii_lowercase();
    let Some((local, domain)) = text.rsplit_once('@') else {
        return String::new();
    };
    let local = local.split('+').next().unwrap_or_default();
    let host = domain.split('.').next().unwrap_or_default();
    if local.is_empty() || !domain.contains('.') || is_no_mailbox(local) || is_no_host(host) {
        return String::new();
    }
    format!("{local}@{domain}")
}

/// Whether the name of a mailbox says that there is none.
fn is_no_mailbox(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let bare = letters.trim_end_matches(|c: char| c.is_ascii_digit());
    is_filler(bare)
        || is_no_host(bare)
        || matches!(
            bare,
            "no" | "noreply" | "donotreply" | "donotemail" | "nobody" | "abc" | "fake" | "patient"
        )
        || name == "email"
}

/// Whether the first label of a domain says that there is none.
fn is_no_host(label: &str) -> bool {
    is_filler(label) || matches!(label, "noemail" | "nomail" | "noaddress" | "nowhere")
}

/// A social security number (or another number of up to nine digits); 0 where missing or a filler.
pub(crate) fn ssn(text: &str) -> u32 {
    let mut value: u32 = 0;
    let mut count = 0;
    let mut distinct: u16 = 0;
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            count += 1;
            if count > 9 {
                return 0;
            }
            value = value * 10 + u32::from(byte - b'0');
            distinct |= 1 << (byte - b'0');
        } else if byte.is_ascii_alphabetic() || byte == b'*' {
            return 0;
        }
    }
    let filler = distinct.count_ones() < 2
        || is_made_up(digits(value.into()))
        // Printed on sample cards and in advertisements.
        || matches!(value, 78_051_120 | 219_099_999 | 457_555_462)
        || (count == 9
            && (value < 1_000_000
                || value.is_multiple_of(10_000)
                || distinct.count_ones() < 3
                // `111-22-3333`
                || (value / 1_000_000 % 111, value / 10_000 % 100 % 11, value % 10_000 % 1_111) == (0, 0, 0)));
    if count < 6 || filler { 0 } else { value }
}

/// Last four digits plus one, so that 0 can stand for missing.
pub(crate) fn last4(text: &str) -> u16 {
    let mut digits = [0_u16; 4];
    let mut count = 0;
    for byte in text.bytes().filter(u8::is_ascii_digit) {
        digits.rotate_left(1);
        digits[3] = u16::from(byte - b'0');
        count += 1;
    }
    let value = digits.iter().fold(0, |sum, digit| sum * 10 + digit);
    if count < 4 || matches!(value, 0 | 9999 | 1111) {
        0
    } else {
        value + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_lose_their_notation() {
        for text in [
            "(231) 512-9048",
            "+1 231 512 9048",
            "231.512.9048 x12",
            "12315129048",
        ] {
            assert_eq!(phone(text), 2_315_129_048, "{text}");
        }
        for text in [
            "",
            "999-999-9999",
            "000",
            "555-1212",
            "123-456-7890",
            "0123456789",
            "231-555-5555",
            "231-000-0000",
            "231-999-9999",
            "231-123-4567",
            "555-555-0199",
        ] {
            assert_eq!(phone(text), 0, "{text}");
        }
    }

    #[test]
    fn numbers_that_stand_for_none_are_missing() {
        assert_eq!(ssn("536-22-8871"), 536_228_871);
        for text in [
            "999-99-9999",
            "123-45-6789",
            "***-**-1234",
            "000-00-1234",
            "111-22-3333",
            "121-21-2121",
            "234-56-7890",
            "",
        ] {
            assert_eq!(ssn(text), 0, "{text}");
        }
        assert_eq!(last4("0226"), 227);
        assert_eq!(last4("***-**-8873"), 8874);
        assert_eq!(last4("0000"), 0);
    }

    #[test]
    fn emails_are_compared_without_tags() {
        assert_eq!(email(" Ann.Lee+clinic@Example.ORG"), "ann.lee@example.org");
        for text in [
            "none@none.com",
            "not an address",
            "no.email@gmail.com",
            "NoEmail2@aol.com",
            "test123@yahoo.com",
            "ann@noemail.com",
            "xxx@gmail.com",
            "declined@clinic.org",
        ] {
            assert_eq!(email(text), "", "{text}");
        }
        for text in [
            "nona@example.org",
            "tester@example.org",
            "5035551234@txt.att.net",
            "no1fan@example.org",
        ] {
            assert_eq!(email(text), text);
        }
    }
}
