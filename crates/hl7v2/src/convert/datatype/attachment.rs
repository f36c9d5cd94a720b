//! ED and RP: data in the message, and data that lies elsewhere.

use ehr_model::Attachment;

use crate::convert::reading::At;
use crate::datatype::{DataType, Ed};

/// ED: data in the message. The content goes over as base64, as it was sent or encoded from what was sent.
pub(in crate::convert) fn attachment(at: At<'_>) -> Option<Attachment> {
    let data = Ed::of(at.node());
    let content_type = data.media_type().map(str::to_owned);
    let bytes = match data.bytes() {
        Ok(bytes) => bytes,
        Err(_) => {
            // Some senders leave out ED.4, or write the data into the first component.
            let text = at.part(5).peek()?;
            at.part(5).warn(
                "v2.data.undecoded",
                "the data is not in the encoding that it is said to be in; kept as text",
            );
            text.into_bytes()
        }
    };
    for part in [4, 5] {
        at.part(part).mark();
    }
    if content_type.is_some() {
        for part in [2, 3] {
            at.part(part).mark();
        }
    }
    let content_type = content_type
        .or_else(|| at.part(3).text())
        .or_else(|| at.part(2).text());
    let title = at.part(1).part(1).text();
    Some(Attachment {
        content_type,
        size: u32::try_from(bytes.len()).ok(),
        data: Some(base64(&bytes)),
        title,
        ..Attachment::default()
    })
}

/// RP: data that lies elsewhere.
pub(in crate::convert) fn pointer(at: At<'_>) -> Option<Attachment> {
    let url = at.part(1).text()?;
    let kind = at.part(3).text();
    let subtype = at.part(4).text();
    let content_type = match (kind, subtype) {
        (Some(kind), Some(subtype)) if !kind.contains('/') => {
            Some(format!("{}/{}", kind.to_lowercase(), subtype.to_lowercase()))
        }
        (Some(kind), _) => Some(kind),
        (None, subtype) => subtype,
    };
    Some(Attachment {
        content_type,
        url: Some(url),
        title: at.part(2).part(1).text(),
        ..Attachment::default()
    })
}

/// Base64 (RFC 4648 section 4).
pub(in crate::convert) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| {
        DIGITS
            .get((bits & 0x3f) as usize)
            .map_or('A', |digit| char::from(*digit))
    };
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.push(digit(bits >> 18));
        out.push(digit(bits >> 12));
        out.push(if chunk.len() > 1 { digit(bits >> 6) } else { '=' });
        out.push(if chunk.len() > 2 { digit(bits) } else { '=' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_any_length() {
        for (bytes, text) in [(&b""[..], ""), (b"H", "SA=="), (b"He", "SGU="), (b"Hel", "SGVs")] {
            assert_eq!(base64(bytes), text);
        }
    }
}
