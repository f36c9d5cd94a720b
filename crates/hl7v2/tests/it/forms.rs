//! The forms in which messages come: line ends, frames, delimiters, kinds of nothing.

use ehr_hl7v2::{Message, ParseError, ParseOptions, Value};
use ehr_types::Strictness;

fn codes(message: &Message<'_>) -> Vec<String> {
    message
        .findings()
        .into_iter()
        .map(|finding| finding.code.into_owned())
        .collect()
}

#[test]
fn segments_are_the_same_whatever_ends_them() {
    for (source, code) in [
        ("MSH|^~\\&|A\rPID|1\rZZZ|x\r", None),
        ("MSH|^~\\&|A\rPID|1\rZZZ|x", None),
        ("MSH|^~\\&|A\nPID|1\nZZZ|x\n", Some("v2.line-end.lf")),
        ("MSH|^~\\&|A\r\nPID|1\r\nZZZ|x\r\n", Some("v2.line-end.crlf")),
        ("MSH|^~\\&|A\rPID|1\nZZZ|x\r", Some("v2.line-end.mixed")),
        (
            "MSH|^~\\&|A\r\r\r\n\nPID|1\r \rZZZ|x\r",
            Some("v2.line-end.mixed"),
        ),
        ("\u{b}MSH|^~\\&|A\rPID|1\rZZZ|x\r\u{1c}\r", None),
        ("\u{b}MSH|^~\\&|A\rPID|1\rZZZ|x\u{1c}", None),
        ("\u{feff}MSH|^~\\&|A\rPID|1\rZZZ|x\r", None),
        ("\r\n\r\nMSH|^~\\&|A\rPID|1\rZZZ|x\r", None),
        ("  MSH|^~\\&|A\r  PID|1\r\tZZZ|x\r", Some("v2.segment.indented")),
        ("some words\rMSH|^~\\&|A\rPID|1\rZZZ|x\r", Some("v2.preamble")),
        ("MSH|^~\\&|A\rpid|1\rZZZ|x\r", Some("v2.segment.case")),
    ] {
        let message = Message::parse(source.as_bytes()).unwrap();
        let segments: Vec<String> = message
            .segments()
            .map(|segment| segment.id().to_string())
            .collect();
        assert_eq!(segments, ["MSH", "PID", "ZZZ"], "{source:?}");
        assert_eq!(message.get("ZZZ-1").unwrap().text(), Some("x"), "{source:?}");
        let found = codes(&message);
        match code {
            None => assert_eq!(found, Vec::<String>::new(), "{source:?}"),
            Some(code) => assert!(found.iter().any(|found| found == code), "{source:?}: {found:?}"),
        }
        assert_eq!(message.as_bytes(), source.as_bytes());
    }
}

#[test]
fn a_line_feed_inside_of_a_value_stays_there() {
    let message = Message::parse(b"MSH|^~\\&|A\rNTE|1||first\nsecond\n\nthird|x\rPID|1\r").unwrap();
    assert_eq!(message.segment_count(), 4, "a blank line ends a segment even so");
    let message = Message::parse(b"MSH|^~\\&|A\rNTE|1||first\nsecond|x\rPID|1\r").unwrap();
    assert_eq!(message.segment_count(), 3);
    assert_eq!(message.get("NTE-3").unwrap().text(), Some("first\nsecond"));
    assert_eq!(message.get("NTE-4").unwrap().text(), Some("x"));
    assert_eq!(codes(&message), ["v2.line-end.in-value"]);
}

#[test]
fn four_kinds_of_nothing_at_every_level() {
    let message = Message::parse(b"MSH|^~\\&|A\rPID||\"\"|x^^\"\"^y&&\"\"||~a\r").unwrap();
    let text = |text: &'static str| Value::Text(text.into());
    for (path, value) in [
        ("PID-1", Value::Empty),
        ("PID-2", Value::Null),
        ("PID-2.1", Value::Null),
        ("PID-2.2", Value::Absent),
        ("PID-3.1", text("x")),
        ("PID-3.2", Value::Empty),
        ("PID-3.3", Value::Null),
        ("PID-3.4.1", text("y")),
        ("PID-3.4.2", Value::Empty),
        ("PID-3.4.3", Value::Null),
        ("PID-3.4.4", Value::Absent),
        ("PID-3.5", Value::Absent),
        ("PID-4", Value::Empty),
        ("PID-4.1", Value::Empty),
        ("PID-4.2", Value::Absent),
        ("PID-5[1]", Value::Empty),
        ("PID-5[2]", text("a")),
        ("PID-5[3]", Value::Absent),
        ("PID-6", Value::Absent),
        ("PID[2]-1", Value::Absent),
        ("ZZZ-1", Value::Absent),
        ("MSH-1", text("|")),
        ("MSH-2", text("^~\\&")),
        ("MSH-2.1", text("^~\\&")),
        ("MSH-4", Value::Absent),
    ] {
        assert_eq!(message.get(path).unwrap(), value, "{path}");
    }
}

#[test]
fn delimiters_are_those_of_the_header() {
    let missing = Message::parse(b"MSH||A\rPID|1||x^y\r").unwrap();
    assert_eq!(
        missing.get("PID-3.2").unwrap().text(),
        Some("y"),
        "the recommended ones serve"
    );
    assert_eq!(codes(&missing), ["v2.delimiters.missing"]);
    let few = Message::parse(b"MSH|^~|A\rPID|1||x&y^\\F\\\r").unwrap();
    assert_eq!(
        few.get("PID-3.1").unwrap().text(),
        Some("x&y"),
        "& is not declared"
    );
    assert_eq!(
        few.get("PID-3.2").unwrap().text(),
        Some("\\F\\"),
        "nor is the escape character"
    );
    let truncation = Message::parse(b"MSH|^~\\&#|A\rPID|1||x\\P\\y\r").unwrap();
    assert_eq!(truncation.get("PID-3").unwrap().text(), Some("x#y"));
    let double = Message::parse(b"MSH|^~\\^|A\r").unwrap();
    assert_eq!(codes(&double), ["v2.delimiters.duplicate"]);
}

#[test]
fn reading_fails_only_without_a_header() {
    let error = |bytes: &[u8]| Message::parse(bytes).err();
    assert_eq!(error(b""), Some(ParseError::NoHeader));
    assert_eq!(error(b"PID|1\r"), Some(ParseError::NoHeader));
    assert_eq!(error(b"\xff\xfeM\0S\0H\0"), Some(ParseError::Utf16));
    assert_eq!(error(b"M\0S\0H\0|\0"), Some(ParseError::Utf16));
    for bytes in [
        &b"MSH"[..],
        b"MSH|",
        b"MSH|\r",
        b"BHS|^~\\&",
        b"FHS",
        b"\xff\xfeMSH\rMSH|",
    ] {
        assert_eq!(error(bytes), None, "{}", bytes.escape_ascii());
    }
    let mut options = ParseOptions::default();
    options.max_length = 10;
    let outcome = Message::parse_with(&b"MSH|^~\\&|ABC"[..], &options).err();
    assert_eq!(
        outcome,
        Some(ParseError::TooLong {
            length: 12,
            limit: 10
        })
    );
}

#[test]
fn strict_reading_stops_at_errors_and_says_which() {
    let mut options = ParseOptions::default();
    options.strictness = Strictness::Strict;
    assert!(
        Message::parse_with(&b"MSH|^~\\&|A\nPID|1\n"[..], &options).is_ok(),
        "LF is worth knowing, no error"
    );
    let outcome = Message::parse_with(&b"MSH|^~\\&|A\rno segment\r"[..], &options);
    let Err(ParseError::Strict(faults)) = outcome else {
        panic!("a line without a name is an error")
    };
    assert_eq!(
        faults
            .iter()
            .map(|fault| fault.location.path.as_str())
            .collect::<Vec<_>>(),
        ["*[2]"]
    );
}

#[test]
fn nothing_of_the_patient_shows_in_debug_or_findings() {
    let source = b"MSH|^~\\&|A\rPID|1||secret~\\secret||secret&secret\rsecret secret\rOBX|1|NM|||secret\r";
    let message = Message::parse(source).unwrap();
    let mut shown = format!("{message:?} {:?} {:?}", message.segments(), message.edit());
    for segment in message.segments() {
        shown.push_str(&format!("{segment:?} {} ", segment.path()));
        for field in segment.fields() {
            let repetition = field.repetition(1);
            shown.push_str(&format!(
                "{field:?} {repetition:?} {:?} {:?}",
                repetition.component(1),
                field.leaf()
            ));
            shown.push_str(&format!("{:?}", field.value()));
        }
    }
    for finding in message.findings() {
        shown.push_str(&format!("{finding} {finding:?}"));
    }
    assert!(!shown.contains("secret"), "{shown}");
    assert!(message.findings().len() >= 2);
}
