//! Data that is no text: ED, RP.

use thiserror::Error;

use super::datatype;
use super::identifier::Hd;

datatype! {
    /// ED, encapsulated data: a document or a picture inside of the message.
    Ed = "ED" {
        /// ED.1: application that made the data.
        source_application: Hd = 1,
        /// ED.2: kind of data (table 0191): `AP`, `Application`, `Image`, `TEXT`.
        type_of_data: Value = 2,
        /// ED.3: format (table 0291): `PDF`, `JPEG`, `HTML`.
        data_subtype: Value = 3,
        /// ED.4: encoding (table 0299): `A` none, `Hex`, `Base64`.
        encoding: Value = 4,
        /// ED.5: the data, encoded.
        data: Value = 5,
    }
}

datatype! {
    /// RP, reference pointer: data that lies elsewhere.
    Rp = "RP" {
        /// RP.1: key of the data, such as a URL.
        pointer: Value = 1,
        /// RP.2: application that holds the data.
        application_id: Hd = 2,
        /// RP.3: kind of data (table 0191).
        type_of_data: Value = 3,
        /// RP.4: format (table 0291).
        subtype: Value = 4,
    }
}

/// Why the bytes of an [`Ed`] could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DataError {
    /// No data is written.
    #[error("ED.5 holds no data")]
    Missing,
    /// ED.4 names no encoding of table 0299.
    #[error("ED.4 names no encoding of table 0299")]
    Encoding,
    /// The data is not in the encoding that ED.4 names.
    #[error("ED.5 is not in the encoding that ED.4 names")]
    Malformed,
}

impl Ed<'_> {
    /// The data, decoded.
    ///
    /// # Errors
    /// When there is no data, or it cannot be decoded by what ED.4 says.
    pub fn bytes(&self) -> Result<Vec<u8>, DataError> {
        let data = self.data();
        let data = data.text().ok_or(DataError::Missing)?;
        let encoding = self.encoding();
        match encoding.text() {
            Some(name) if name.eq_ignore_ascii_case("base64") => {
                decode_base64(data.bytes()).ok_or(DataError::Malformed)
            }
            Some(name) if name.eq_ignore_ascii_case("hex") => {
                decode_hex(data.bytes()).ok_or(DataError::Malformed)
            }
            Some(name) if name.eq_ignore_ascii_case("a") => Ok(data.as_bytes().to_vec()),
            _ => Err(DataError::Encoding),
        }
    }

    /// The media type (RFC 2046) that ED.2 and ED.3 speak of; `None` when they name none we know.
    pub fn media_type(&self) -> Option<&'static str> {
        let subtype = self.data_subtype();
        let kind = self.type_of_data();
        let subtype = subtype.text().unwrap_or("").to_ascii_lowercase();
        let kind = kind.text().unwrap_or("").to_ascii_lowercase();
        Some(match subtype.as_str() {
            "pdf" | "x-pdf" | "application/pdf" => "application/pdf",
            "jpeg" | "jpg" | "jot" | "image/jpeg" => "image/jpeg",
            "png" | "image/png" => "image/png",
            "gif" | "image/gif" => "image/gif",
            "tiff" | "tif" | "image/tiff" => "image/tiff",
            "bmp" => "image/bmp",
            "basic" => "audio/basic",
            "mpeg" => "video/mpeg",
            "dicom" => "application/dicom",
            "html" | "x-html" | "text/html" => "text/html",
            "rtf" | "application/rtf" | "text/rtf" => "application/rtf",
            "xml" | "text/xml" | "application/xml" | "x-hl7-cda-level-one" => "text/xml",
            "postscript" => "application/postscript",
            "sgml" => "text/sgml",
            "octet-stream" => "application/octet-stream",
            "plain" | "text/plain" => "text/plain",
            "" if ["text", "tx", "ft"].contains(&kind.as_str()) => "text/plain",
            "" if kind == "pdf" || kind == "application/pdf" => "application/pdf",
            _ => return None,
        })
    }
}

/// Base64 (RFC 4648, both alphabets), with line ends and other blanks passed over.
fn decode_base64(text: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.size_hint().0 / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // A lone last digit says less than a byte; more than two signs of padding are none.
    (count < 6 && padding <= 2).then_some(out)
}

fn decode_hex(text: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;

    #[test]
    fn data_is_decoded_by_its_encoding() {
        for (text, bytes) in [
            ("^AP^PDF^Base64^SGVsbG8=", Ok(&b"Hello"[..])),
            ("^AP^PDF^Base64^SGVs\\.br\\bG8", Ok(b"Hello")),
            ("^AP^PDF^Base64^SGVsb", Err(DataError::Malformed)),
            ("^AP^PDF^Base64^SG=sbG8", Err(DataError::Malformed)),
            ("^AP^PDF^Hex^48 656C6c6f", Ok(b"Hello")),
            ("^AP^PDF^Hex^486", Err(DataError::Malformed)),
            ("^TEXT^^A^A \\T\\ B", Ok(b"A & B")),
            ("^TEXT^^^Hello", Err(DataError::Encoding)),
            ("^TEXT^^A^", Err(DataError::Missing)),
        ] {
            let source = format!("MSH|^~\\&\rOBX|1|ED|||{text}\r");
            let message = Message::parse(source.as_bytes()).unwrap();
            let data: Ed = message.first("OBX").unwrap().field(5).read().unwrap();
            assert_eq!(data.bytes().as_deref(), bytes.as_ref().copied(), "{text}");
        }
    }
}
