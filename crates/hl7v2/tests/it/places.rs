//! Every place of every message is found again: by its path, and from its bytes.
//!
//! What is written down here is the whole class: for each segment, field, repetition, component and
//! subcomponent `x` of any message, `at(path(x))` is `x`; and for each byte, the path of its offset
//! leads to a place that holds it.

use ehr_hl7v2::{Field, Message, Path, Segment, Value};
use proptest::prelude::*;

/// A segment that declares delimiters, in every state: whole, cut short, with few, doubled, foreign
/// or broken characters.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let signs = proptest::sample::select(b"|^~\\&#!@%*$ \t\"\xff\x83\0A1".to_vec());
    let usual = prop_oneof![
        Just(b"|^~\\&|".to_vec()),
        Just(b"|^~\\&#|".to_vec()),
        Just(b"#!@%*#".to_vec())
    ];
    let strange = proptest::collection::vec(signs, 0..8);
    let broken = (proptest::collection::vec(any::<u8>(), 0..3), usual.clone())
        .prop_map(|(noise, declared)| [noise, declared].concat());
    let rest = proptest::sample::select(vec!["", "|", "A|B", "^&~", "|||||||||||||||ISO IR14|", "#LAB"]);
    (
        proptest::sample::select(vec!["MSH", "BHS", "FHS"]),
        prop_oneof![3 => usual, 2 => strange, 1 => broken],
        rest,
    )
        .prop_map(|(name, declared, rest)| [name.as_bytes(), &declared, rest.as_bytes()].concat())
}

/// Segments of all kinds, with every separator that a header above may declare.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        6 => proptest::sample::select(vec!["|", "^", "~", "&", "\\", "#", "!", "@", "%", "*", "$", "\"\"", " ", "\n"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::sample::select(vec!["\\F\\", "\\X0D\\", "\x1b$B|^\x1b(B", "表", "\u{b}"])
            .prop_map(|text| text.as_bytes().to_vec()),
        2 => "[a-zA-Z0-9]{0,4}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..4),
    ];
    let name = proptest::sample::select(vec![
        "PID|", "OBX|", "ZPAS|", "NTE#", "OBX", "pid|", " PV1|", "", "MSHX|",
    ]);
    prop_oneof![
        1 => header(),
        4 => (name, proptest::collection::vec(token, 0..12))
            .prop_map(|(name, tokens)| [name.as_bytes(), &tokens.concat()].concat()),
    ]
}

/// A header, lines and the ends between them.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    let end = proptest::sample::select(vec!["\r", "\r", "\n", "\r\n", "\r\r", "\n\r", "\u{1c}\r"]);
    let before = proptest::sample::select(vec!["", "", "\u{b}", "\u{feff}", "\r\n ", "junk\r"]);
    (before, header(), proptest::collection::vec((end, line()), 0..6)).prop_map(|(before, header, lines)| {
        let mut bytes = [before.as_bytes(), &header].concat();
        for (end, line) in lines {
            bytes.extend_from_slice(end.as_bytes());
            bytes.extend_from_slice(&line);
        }
        bytes
    })
}

macro_rules! is_found_again {
    ($message:expr, $view:expr) => {{
        let (message, view) = ($message, $view);
        let path = view.path();
        assert_eq!(Path::parse(&path.to_string()), Ok(path), "the path reads back");
        assert_eq!(message.at(&path), view.value(), "the value at {path}");
        assert_eq!(message.span_of(&path), Some(view.span()), "the bytes at {path}");
        let node = message.node_at(&path).expect("a field or less");
        assert_eq!(
            (node.path(), node.raw()),
            (path, view.raw()),
            "the node at {path}"
        );
    }};
}

fn parts_are_found_again(message: &Message<'_>, field: Field<'_>) {
    is_found_again!(message, field);
    assert_eq!(field.segment().field(field.number()).span(), field.span());
    let declares = field.segment().id().is_header() && field.number() <= 2;
    for repetition in field.repetitions() {
        is_found_again!(message, repetition);
        assert!(
            !declares || repetition.span() == field.span(),
            "a declaration has no parts"
        );
        for component in repetition.components() {
            is_found_again!(message, component);
            assert!(
                !declares || component.span() == field.span(),
                "a declaration has no parts"
            );
            for subcomponent in component.subcomponents() {
                is_found_again!(message, subcomponent);
                assert!(
                    !declares || subcomponent.span() == field.span(),
                    "a declaration has no parts"
                );
                let smallest = if declares {
                    field.path()
                } else {
                    subcomponent.path()
                };
                if !declares || !field.is_empty() {
                    assert_eq!(message.at_offset(subcomponent.span().start), Some(smallest));
                }
            }
            assert!(
                component
                    .subcomponent(component.subcomponents().count() as u32 + 1)
                    .is_absent()
            );
        }
        assert!(
            repetition
                .component(repetition.components().count() as u32 + 1)
                .is_absent()
        );
    }
    assert!(
        field
            .repetition(field.repetitions().count() as u32 + 1)
            .is_absent()
    );
}

fn segment_is_found_again(message: &Message<'_>, segment: Segment<'_>) {
    let path = segment.path();
    assert_eq!(Path::parse(&path.to_string()), Ok(path), "the path reads back");
    let found = message.segment_at(&path).expect("the segment");
    assert_eq!(found.position(), segment.position(), "the segment at {path}");
    assert_eq!(message.span_of(&path), Some(segment.span()));
    assert_eq!(message.at_offset(segment.span().start), Some(path));
    assert_eq!(segment.fields().count() as u32, segment.field_count());
    assert!(segment.field(segment.field_count() + 1).is_absent());
    for field in segment.fields() {
        parts_are_found_again(message, field);
    }
}

/// The whole class for one message.
fn every_place_is_found_again(bytes: &[u8]) {
    let Ok(message) = Message::parse(bytes) else {
        return;
    };
    for segment in message.segments() {
        segment_is_found_again(&message, segment);
    }
    for offset in 0..=bytes.len() {
        let Some(path) = message.at_offset(offset) else {
            let inside = message
                .segments()
                .any(|segment| segment.span().start <= offset && offset < segment.span().end);
            assert!(!inside, "each byte of a segment has a path");
            continue;
        };
        let span = message
            .span_of(&path)
            .expect("an offset leads to a place that is there");
        // A separator or line end belongs to what stands before it.
        assert!((span.start..=span.end).contains(&offset), "{path} for {offset}");
    }
}

#[test]
fn headers_with_broken_delimiters_are_divided_by_those_of_the_first() {
    for source in [
        &b"BHS|^~\\&|a\rBHS\xff\xff|^~\\&|x^y\r"[..],
        b"MSH\xff\xff|^~\\&|a~b^c&d\r",
        b"MSH||~\\&|a|b\r",
        b"MSH|||a\r",
        b"MSH|^|a^b~c&d\r",
        b"MSH|^~|a^b~c&d\r",
        b"MSH|^~\\|a^b~c&d\r",
        b"MSH|^^^^|a^b\r",
        b"MSH|^~^&|a^F^b\r",
        b"MSH|^~|&|a&b\r",
        b"MSH|^~\\&|a\rBHS#^~\\&#b#c\r",
        b"MSH|^~\\&|a\rMSH|\rFHS\rBHS|&",
        b"MSH\"^~\\&\"a\"\"\"\"b",
        b"MSH",
        b"MSH|",
        b"MSH|^",
        b"FHS\rMSH|^~\\&|a^b",
        b"MSH|^~\\&|||||||||||||||ISO IR87\rBHS\x83|^~\\&|a^b\rFHS|\x83|^|x^y",
    ] {
        every_place_is_found_again(source);
    }
    let message = Message::parse(b"BHS|^~\\&|a\rBHS\xff\xff|^~\\&|x^y\r").unwrap();
    let second = message.segment(1).unwrap();
    assert_eq!(
        second.field(2).repetitions().count(),
        1,
        "declared characters divide nothing"
    );
    assert_eq!(second.field(2).leaf().raw(), b"^~\\&");
    assert_eq!(message.get("BHS[2]-3.2").unwrap(), Value::Text("y".into()));
    assert!(
        message
            .findings()
            .iter()
            .any(|finding| finding.code == "v2.header.delimiters")
    );
}

proptest! {
    #[test]
    fn every_place_of_any_message_is_found_again(bytes in messages()) {
        every_place_is_found_again(&bytes);
    }
}

#[test]
fn every_place_of_the_corpus_is_found_again() {
    let Some(files) = super::corpus::files() else {
        return;
    };
    let mut places = 0;
    for (name, bytes) in &files {
        let message = Message::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        for segment in message.segments() {
            segment_is_found_again(&message, segment);
            places += segment.fields().count();
        }
    }
    println!(
        "{places} fields of {} files, with all that is in them",
        files.len()
    );
}
