//! Acknowledgements: ACK messages with what was found (HL7 v2.8.2, chapter 2.9).

mod error;

use std::borrow::Cow;

use ehr_types::{Finding, Severity};

use crate::charset::Charset;
use crate::escape::escape;
use crate::message::Message;

/// How a message is acknowledged (MSA-1, table 0008).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckCode {
    /// AA: application accept.
    ApplicationAccept,
    /// AE: application error.
    ApplicationError,
    /// AR: application reject.
    ApplicationReject,
    /// CA: commit accept, the message is stored (enhanced mode).
    CommitAccept,
    /// CE: commit error.
    CommitError,
    /// CR: commit reject.
    CommitReject,
}

impl AckCode {
    /// The code of table 0008.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationAccept => "AA",
            Self::ApplicationError => "AE",
            Self::ApplicationReject => "AR",
            Self::CommitAccept => "CA",
            Self::CommitError => "CE",
            Self::CommitReject => "CR",
        }
    }

    /// The application's code for what was found: AR when something is fatal, AE when something is
    /// an error, else AA.
    pub fn application(findings: &[Finding]) -> Self {
        match worst(findings) {
            Some(Severity::Fatal) => Self::ApplicationReject,
            Some(Severity::Error) => Self::ApplicationError,
            _ => Self::ApplicationAccept,
        }
    }

    /// The commit code for what was found: CR when something is fatal, CE when something is an
    /// error, else CA.
    pub fn commit(findings: &[Finding]) -> Self {
        match worst(findings) {
            Some(Severity::Fatal) => Self::CommitReject,
            Some(Severity::Error) => Self::CommitError,
            _ => Self::CommitAccept,
        }
    }

    /// Whether the message was accepted.
    pub fn is_accept(self) -> bool {
        matches!(self, Self::ApplicationAccept | Self::CommitAccept)
    }

    /// Whether the code is one of the commit level.
    pub fn is_commit(self) -> bool {
        matches!(self, Self::CommitAccept | Self::CommitError | Self::CommitReject)
    }
}

fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
}

/// What an acknowledgement needs besides the message it answers.
#[derive(Clone, Copy, Debug)]
pub struct Ack<'a> {
    /// MSA-1.
    pub code: AckCode,
    /// MSH-10 of the acknowledgement: the caller's own, never used before.
    pub control_id: &'a str,
    /// MSH-7, as `YYYYMMDDHHMMSS[+/-ZZZZ]`.
    pub time: &'a str,
    /// What was found; each becomes an ERR, in the form of the sender's version. Findings of
    /// [`Severity::Information`] are left out.
    pub findings: &'a [Finding],
}

/// The acknowledgement of a message, in its own version, delimiters and character set, with sender
/// and receiver exchanged.
///
/// No text of the message is repeated but what the standard asks for: its control id, type, version
/// and addresses.
///
/// ```
/// use ehr_hl7v2::{acknowledge, Ack, AckCode, Message};
/// let message = Message::parse(b"MSH|^~\\&|LAB|ACME|EHR|CLINIC|20240102||ADT^A01^ADT_A01|42|P|2.5.1\r")?;
/// let ack = acknowledge(&message, &Ack {
///     code: AckCode::ApplicationAccept, control_id: "A1", time: "20240102030405", findings: &[],
/// });
/// assert_eq!(
///     ack,
///     b"MSH|^~\\&|EHR|CLINIC|LAB|ACME|20240102030405||ACK^A01^ACK|A1|P|2.5.1\rMSA|AA|42\r"
/// );
/// # Ok::<(), ehr_hl7v2::ParseError>(())
/// ```
pub fn acknowledge(message: &Message<'_>, ack: &Ack<'_>) -> Vec<u8> {
    let writer = AckWriter {
        message,
        version: Version::of(message),
    };
    let mut out = writer.header(ack);
    out.push(b'\r');
    out.extend(writer.msa(ack));
    out.push(b'\r');
    let findings: Vec<&Finding> = ack
        .findings
        .iter()
        .filter(|finding| finding.severity > Severity::Information)
        .collect();
    if writer.version.detailed_errors() {
        for finding in findings {
            out.extend(writer.err(finding));
            out.push(b'\r');
        }
    } else if !findings.is_empty() {
        out.extend(writer.eld(&findings));
        out.push(b'\r');
    }
    out
}

/// Whether the sender asks for a commit acknowledgement with such a code (MSH-15, table 0155);
/// `None` in original mode, where MSH-15 and MSH-16 are not filled.
///
/// ```
/// use ehr_hl7v2::{commit_wanted, AckCode, Message};
/// let message = Message::parse(b"MSH|^~\\&|A||||||||||||ER|AL\r")?;
/// assert_eq!(commit_wanted(&message, AckCode::CommitAccept), Some(false));
/// assert_eq!(commit_wanted(&message, AckCode::CommitError), Some(true));
/// # Ok::<(), ehr_hl7v2::ParseError>(())
/// ```
pub fn commit_wanted(message: &Message<'_>, code: AckCode) -> Option<bool> {
    wanted(message, 15, code)
}

/// Whether the sender asks for an application acknowledgement with such a code (MSH-16, table 0155);
/// `None` in original mode, where one is always sent.
pub fn application_wanted(message: &Message<'_>, code: AckCode) -> Option<bool> {
    wanted(message, 16, code)
}

fn wanted(message: &Message<'_>, field: u32, code: AckCode) -> Option<bool> {
    let header = message.header()?;
    if !header.field(15).has_text() && !header.field(16).has_text() {
        return None;
    }
    Some(match header.field(field).raw() {
        b"AL" => true,
        b"ER" => !code.is_accept(),
        b"SU" => code.is_accept(),
        _ => false,
    })
}

/// The version as numbers, `2.5.1` as (2, 5, 1); missing ones are 0.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Version(u8, u8, u8);

impl Version {
    fn of(message: &Message<'_>) -> Self {
        let text = message
            .header()
            .map(|header| header.field(12).leaf().text())
            .unwrap_or_default();
        let mut numbers = text.trim().split('.').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self(next(), next(), next())
    }

    /// ERR has a place, code and severity of its own for each error since v2.5.
    fn detailed_errors(self) -> bool {
        self >= Self(2, 5, 0)
    }
}

struct AckWriter<'m> {
    message: &'m Message<'m>,
    version: Version,
}

impl AckWriter<'_> {
    fn field_separator(&self) -> u8 {
        self.message.delimiters().field
    }

    /// A text of ours, escaped; what the character set lacks becomes `?`.
    fn text(&self, text: &str) -> Vec<u8> {
        let escaped = escape(text, self.message.delimiters());
        let charset: Charset = self.message.charset();
        charset.encode(&escaped).map_or_else(
            || {
                escaped
                    .chars()
                    .map(|c| if c.is_ascii() { c as u8 } else { b'?' })
                    .collect()
            },
            Cow::into_owned,
        )
    }

    fn join(separator: Option<u8>, parts: &[&[u8]]) -> Vec<u8> {
        let last = parts
            .iter()
            .rposition(|part| !part.is_empty())
            .map_or(0, |last| last + 1);
        let separator = separator.as_slice();
        parts.get(..last).unwrap_or_default().join(separator)
    }

    fn header(&self, ack: &Ack<'_>) -> Vec<u8> {
        let header = self.message.header();
        let theirs = |number: u32| {
            header
                .map(|header| header.field(number).raw())
                .unwrap_or_default()
        };
        let delimiters = self.message.delimiters();
        let own_declaration = delimiters.encoding_characters().into_bytes();
        let declaration = if theirs(2).is_empty() {
            own_declaration.as_slice()
        } else {
            theirs(2)
        };
        let (control_id, time) = (self.text(ack.control_id), self.text(ack.time));
        let event = header
            .map(|header| header.field(9).component(2).raw())
            .unwrap_or_default();
        let structure: &[u8] = if self.version >= Version(2, 3, 1) && !event.is_empty() {
            b"ACK"
        } else {
            b""
        };
        let kind = Self::join(delimiters.component, &[b"ACK", event, structure]);
        let charset = theirs(18);
        let fields: [&[u8]; 18] = [
            b"MSH",
            declaration,
            theirs(5),
            theirs(6),
            theirs(3),
            theirs(4),
            &time,
            b"",
            &kind,
            &control_id,
            theirs(11),
            theirs(12),
            b"",
            b"",
            b"",
            b"",
            b"",
            charset,
        ];
        Self::join(Some(self.field_separator()), &fields)
    }

    fn msa(&self, ack: &Ack<'_>) -> Vec<u8> {
        let header = self.message.header();
        let control_id = header.map(|header| header.field(10).raw()).unwrap_or_default();
        Self::join(
            Some(self.field_separator()),
            &[b"MSA", ack.code.as_str().as_bytes(), control_id],
        )
    }
}

#[cfg(test)]
mod tests {
    use ehr_types::SourceLocation;

    use super::error::error_code;
    use super::*;

    fn text(source: &str, findings: &[Finding]) -> String {
        let message = Message::parse(source.as_bytes()).unwrap();
        let code = AckCode::application(findings);
        let bytes = acknowledge(
            &message,
            &Ack {
                code,
                control_id: "A1",
                time: "2024",
                findings,
            },
        );
        let ack = Message::parse(&bytes).unwrap();
        assert!(
            ack.findings().iter().all(|finding| !finding.is_error()),
            "the answer is sound"
        );
        String::from_utf8(bytes.clone()).unwrap()
    }

    fn finding(path: &str) -> Finding {
        Finding::error(
            "v2.field.required",
            SourceLocation::new(path),
            "a field is missing | truly",
        )
    }

    #[test]
    fn errors_are_placed_in_the_form_of_the_version() {
        assert_eq!(
            text(
                "MSH|^~\\&|A|B|C|D|||ADT^A01|7|P|2.5\r",
                &[finding("PID-3[2].4"), finding("")]
            ),
            "MSH|^~\\&|C|D|A|B|2024||ACK^A01^ACK|A1|P|2.5\rMSA|AE|7\r\
             ERR||PID^1^3^2^4|101^Required field missing^HL70357|E|v2.field.required|||a field is missing \\F\\ truly\r\
             ERR|||101^Required field missing^HL70357|E|v2.field.required|||a field is missing \\F\\ truly\r"
        );
        assert_eq!(
            text(
                "MSH|^~\\&|A|B|C|D|||ADT^A01|7|P|2.3\r",
                &[finding("OBX[2]-5"), finding("PID")]
            ),
            "MSH|^~\\&|C|D|A|B|2024||ACK^A01|A1|P|2.3\rMSA|AE|7\r\
             ERR|OBX^2^5^101&Required field missing&HL70357~PID^1^^101&Required field missing&HL70357\r"
        );
    }

    #[test]
    fn the_answer_speaks_as_the_sender_does() {
        assert_eq!(
            text("MSH#!@%*#A#B\rPID#1\r", &[]),
            "MSH#!@%*###A#B#2024##ACK#A1\rMSA#AA\r",
            "other delimiters, and nothing known of the rest"
        );
    }

    #[test]
    fn each_finding_has_the_code_of_its_version() {
        for (code, old, new) in [
            ("v2.version.unknown", "203", "203"),
            ("v2.field.version", "207", "199"),
            ("v2.structure.event", "201", "201"),
            ("v2.structure.missing", "100", "100"),
            ("v2.component.missing", "101", "101"),
            ("v2.table.code", "103", "103"),
            ("v2.field.length", "102", "104"),
            ("v2.field.repetition", "207", "198"),
            ("v2.datatype.invalid", "102", "102"),
            ("other", "207", "199"),
        ] {
            let finding = Finding::error(code, SourceLocation::default(), "");
            assert_eq!(error_code(&finding, Version(2, 5, 1)).0, old, "{code}");
            assert_eq!(error_code(&finding, Version(2, 8, 0)).0, new, "{code}");
        }
    }

    #[test]
    fn codes_follow_the_worst_finding() {
        let warning = Finding::warning("x", SourceLocation::default(), "");
        let fatal = Finding::fatal("x", SourceLocation::default(), "");
        assert_eq!(AckCode::application(&[]), AckCode::ApplicationAccept);
        assert_eq!(
            AckCode::application(std::slice::from_ref(&warning)),
            AckCode::ApplicationAccept
        );
        assert_eq!(
            AckCode::commit(&[warning.clone(), finding("PID")]),
            AckCode::CommitError
        );
        assert_eq!(
            AckCode::application(&[finding("PID"), fatal, warning]).as_str(),
            "AR"
        );
    }
}
