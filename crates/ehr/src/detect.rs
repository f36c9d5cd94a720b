//! Telling formats apart by their content.

use ehr_types::{Finding, SourceLocation, Span};

/// What an input is, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InputFormat {
    /// One FHIR JSON resource or Bundle.
    FhirJson,
    /// FHIR resources, one a line.
    FhirNdjson,
    /// HL7 v2: a message, several, or a batch; with or without MLLP framing.
    Hl7v2,
    /// XML, to be read as C-CDA.
    Ccda,
}

impl InputFormat {
    /// A short stable name: `fhir`, `ndjson`, `hl7v2`, `ccda`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FhirJson => "fhir",
            Self::FhirNdjson => "ndjson",
            Self::Hl7v2 => "hl7v2",
            Self::Ccda => "ccda",
        }
    }
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Recognises the format of an input from its content, never from its name.
///
/// ```
/// use ehr::{InputFormat, detect};
/// assert_eq!(detect(b"MSH|^~\\&|LAB"), Ok(InputFormat::Hl7v2));
/// assert_eq!(detect(br#"{"resourceType":"Patient"}"#), Ok(InputFormat::FhirJson));
/// assert_eq!(detect(b"").unwrap_err().code, "input.empty");
/// ```
///
/// # Errors
/// A located finding when the input is empty, binary, or of no format that is read here.
pub fn detect(bytes: &[u8]) -> Result<InputFormat, Finding> {
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let lead = text
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, 0x0B | 0x1C))
        .count();
    let start = bytes.len() - text.len() + lead;
    let body = bytes.get(start..).unwrap_or_default();
    let refuse = |code: &'static str, message: &'static str| {
        let mut place = SourceLocation::new("");
        place.span = Some(Span::new(start, (start + 1).min(bytes.len())));
        let lines = bytes.get(..start).unwrap_or_default();
        let (line, column) = ehr_types::LineIndex::new(lines).line_column(start);
        (place.line, place.column) = (Some(line), Some(column));
        Finding::fatal(code, place, message)
    };
    if body.is_empty() {
        return Err(refuse("input.empty", "nothing to read"));
    }
    if is_utf16(bytes) {
        return if utf16_starts_with(bytes, b'<') {
            Ok(InputFormat::Ccda)
        } else if utf16_starts_with(bytes, b'M')
            || utf16_starts_with(bytes, b'F')
            || utf16_starts_with(bytes, b'B')
        {
            Ok(InputFormat::Hl7v2)
        } else {
            Err(refuse(
                "input.encoding",
                "UTF-16 is read only for XML and HL7 v2; FHIR JSON is UTF-8",
            ))
        };
    }
    match body.first() {
        Some(b'<') if is_fhir_xml(body) => Err(refuse(
            "input.fhir-xml",
            "FHIR in XML, which is not read here; ask the source for FHIR JSON",
        )),
        Some(b'<') => Ok(InputFormat::Ccda),
        Some(b'{') if is_ndjson(body) => Ok(InputFormat::FhirNdjson),
        Some(b'{') => Ok(InputFormat::FhirJson),
        _ if has_hl7_header(body) => Ok(InputFormat::Hl7v2),
        Some(b'[') => Err(refuse(
            "input.unknown",
            "a JSON array; FHIR JSON is one resource, or one resource a line",
        )),
        _ => Err(match container(body) {
            Some(message) => refuse("input.binary", message),
            None if body.iter().take(4096).any(|byte| *byte == 0) => {
                refuse("input.binary", "binary data, not a health record")
            }
            None => refuse("input.unknown", "not C-CDA XML, HL7 v2 or FHIR JSON"),
        }),
    }
}

/// What can be done with a file that may hold health records, but is none.
fn container(body: &[u8]) -> Option<&'static str> {
    match body {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            Some("a ZIP archive or an Office document; unpack it and give what is in it")
        }
        [0x1F, 0x8B, ..] => Some("compressed with gzip; unpack it first"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF; ask the source for its C-CDA, HL7 v2 or FHIR export"),
        _ => None,
    }
}

/// Whether the root element of the XML is in the namespace of FHIR.
fn is_fhir_xml(body: &[u8]) -> bool {
    let head = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default());
    let mut rest = &*head;
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => "?>",
            _ => break,
        };
        rest = rest.split_once(end).map_or("", |(_, rest)| rest);
    }
    let root = rest.split_once('>').map_or(rest, |(root, _)| root);
    root.contains("\"http://hl7.org/fhir\"") || root.contains("'http://hl7.org/fhir'")
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE])
        || bytes.starts_with(&[0xFE, 0xFF])
        || matches!(
            bytes,
            [b'<' | b'M' | b'F' | b'B', 0, ..] | [0, b'<' | b'M' | b'F' | b'B', ..]
        )
}

fn utf16_starts_with(bytes: &[u8], first: u8) -> bool {
    bytes
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, 0 | 0xFF | 0xFE))
        .find(|byte| !byte.is_ascii_whitespace())
        == Some(first)
}

/// Whether some line near the start begins like an HL7 v2 header: `MSH`, `FHS` or `BHS` and a separator.
fn has_hl7_header(body: &[u8]) -> bool {
    let head = body.get(..body.len().min(8192)).unwrap_or_default();
    head.split(|byte| matches!(byte, b'\r' | b'\n' | 0x0B))
        .any(|line| {
            let header = line.starts_with(b"MSH") || line.starts_with(b"FHS") || line.starts_with(b"BHS");
            header
                && line.get(3).is_some_and(|separator| {
                    !separator.is_ascii_alphanumeric() && !separator.is_ascii_whitespace()
                })
        })
}

/// Whether there are several lines and two of the first three are objects by themselves: one line that is broken does not hide
/// what the others are.
fn is_ndjson(body: &[u8]) -> bool {
    let first: Vec<&[u8]> = ndjson_lines(body)
        .map(|(_, line)| line)
        .filter(|line| !line.is_empty())
        .take(3)
        .collect();
    let whole = |line: &&&[u8]| line.len() > 1 && line.starts_with(b"{") && line.ends_with(b"}");
    let begun = first.iter().filter(|line| line.starts_with(b"{")).count();
    let wholes = first.iter().filter(whole).count();
    begun > 1 && begun == first.len() && (first.first().is_some_and(|line| whole(&line)) || wholes > 1)
}

/// The lines of an NDJSON text with the offset of each, without the byte order mark that may stand before each where files were
/// put together. They end at LF, CRLF or a lone CR.
pub(crate) fn ndjson_lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut offset = 0;
    text.split(|byte| matches!(byte, b'\n' | b'\r')).map(move |line| {
        let start = offset;
        offset += line.len() + 1;
        let bare = line.strip_prefix(BOM).unwrap_or(line);
        let lead = bare.len() - bare.trim_ascii_start().len();
        (start + (line.len() - bare.len()) + lead, bare.trim_ascii())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_content() {
        let cases: &[(&[u8], &str)] = &[
            (b"\x0bMSH|^~\\&|", "hl7v2"),
            (b"\xEF\xBB\xBF\r\n FHS|^~\\&", "hl7v2"),
            (b"a note before\nMSH|^~\\&|A", "hl7v2"),
            (b"  <?xml version='1.0'?><ClinicalDocument/>", "ccda"),
            (b"\xFF\xFE<\0?\0", "ccda"),
            (b"{\n \"resourceType\": \"Bundle\"}", "fhir"),
            (
                b"{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Patient\"}\n",
                "ndjson",
            ),
            (b"{\"resourceType\":\"Patient\"}\n", "fhir"),
            (b"{\"a\":1}\r{\"a\":2}", "ndjson"),
            (b"\xEF\xBB\xBF{\"a\":1}\n\xEF\xBB\xBF{\"a\":2}", "ndjson"),
            (b"{bad\n{\"a\":1}\n{\"a\":2}\n", "ndjson"),
            (b"{\"a\":1}\n{bad\n{\"a\":2}\n", "ndjson"),
            (b"{\n{\n", "fhir"),
        ];
        for (bytes, name) in cases {
            assert_eq!(detect(bytes).map(InputFormat::name), Ok(*name));
        }
    }

    #[test]
    fn what_is_no_record_is_refused_with_its_place() {
        let code = |bytes: &[u8]| detect(bytes).unwrap_err().code;
        assert_eq!(code(b" \n"), "input.empty");
        assert_eq!(code(b"\x1f\x8b\x08\x00\x00"), "input.binary");
        assert_eq!(code(b"name,dob\n"), "input.unknown");
        assert_eq!(code(b"MSHA is a word"), "input.unknown");
        assert_eq!(code(b"PK\x03\x04"), "input.binary");
        assert_eq!(code(b"%PDF-1.4\n"), "input.binary");
        assert_eq!(code(b"[{}]"), "input.unknown");
        let fhir = b"<?xml version='1.0'?>\n<!-- > -->\n<Patient xmlns=\"http://hl7.org/fhir\"><id/>";
        assert_eq!(code(fhir), "input.fhir-xml");
        let quoting = b"<ClinicalDocument xmlns='urn:hl7-org:v3'><id root='http://hl7.org/fhir'/>";
        assert_eq!(detect(quoting), Ok(InputFormat::Ccda));
        let finding = detect(b"\n\n  hello").unwrap_err();
        assert_eq!(
            (finding.location.line, finding.location.column),
            (Some(3), Some(3))
        );
    }
}
