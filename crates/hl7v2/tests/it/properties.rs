//! What holds of every message.

use ehr_hl7v2::{
    Delimiters, EditError, Message, PartKind, Path, Value, escape, mllp, parts, pieces, unescape,
};
use proptest::prelude::*;

/// Bytes that look like messages: separators, line ends and names are frequent.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        6 => proptest::sample::select(vec!["|", "^", "~", "&", "\\", "\r", "\n", "\r\n", "\"\""]).prop_map(|text| text.as_bytes().to_vec()),
        3 => proptest::sample::select(vec!["\rPID|", "\rOBX|1|", "\rZZZ|", "\rMSH|^~\\&|", "\nNTE|", "\\F\\", "\\X0D\\", "\\.br\\"]).prop_map(|text| text.as_bytes().to_vec()),
        3 => "[a-zA-Z0-9 .]{0,12}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
        1 => "[a-z]{100,300}".prop_map(String::into_bytes),
    ];
    let header = proptest::sample::select(vec![
        "MSH|^~\\&|A|B",
        "\u{b}MSH|^~\\&#|",
        "MSH#!@%*#",
        "\u{feff}FHS|^~\\&|",
        "MSH|^~\\&|||||||||||||||8859/1|",
        "MSH|^~\\&|||||||||||||||ISO IR14|",
        "MSH|",
        "MSH\r",
    ]);
    (header, proptest::collection::vec(token, 0..40))
        .prop_map(|(header, tokens)| [header.as_bytes().to_vec(), tokens.concat()].concat())
}

proptest! {
    #[test]
    fn what_is_read_is_what_is_written(bytes in messages()) {
        let message = Message::parse(&bytes).unwrap();
        prop_assert_eq!(message.as_bytes(), &bytes[..]);
        prop_assert_eq!(message.edit().finish(), &bytes[..]);
        prop_assert_eq!(message.clone().into_owned().into_bytes(), bytes.clone());
        let together: Vec<u8> = parts(&bytes).flat_map(|part| part.bytes.to_vec()).collect();
        prop_assert_eq!(&together, &bytes);
        for finding in message.findings() {
            if let Some(span) = finding.location.span {
                prop_assert!(span.start <= span.end && span.end <= bytes.len(), "{}", finding);
            }
        }
    }

    #[test]
    fn segments_and_their_fields_cover_the_message(bytes in messages()) {
        let message = Message::parse(&bytes).unwrap();
        let mut at = message.content().start;
        for segment in message.segments() {
            let span = segment.span();
            let between = &bytes[at..span.start];
            prop_assert!(between.iter().all(|byte| b"\r\n \t\x0b".contains(byte)), "only line ends and blanks are between");
            at = span.end;
            // Name, then each field behind its separator.
            let mut field_end = None;
            for field in segment.fields() {
                prop_assert_eq!(segment.field(field.number()).span(), field.span());
                if let Some(end) = field_end {
                    let gap: usize = field.span().start - end;
                    prop_assert_eq!(gap, usize::from(!(segment.id().is_header() && field.number() == 2)));
                }
                field_end = Some(field.span().end);
                let length: usize = field.repetitions().map(|part| part.raw().len() + 1).sum();
                prop_assert_eq!(length, field.raw().len() + 1, "repetitions cover the field");
                for repetition in field.repetitions() {
                    let length: usize = repetition.components().map(|part| part.raw().len() + 1).sum();
                    prop_assert_eq!(length, repetition.raw().len() + 1);
                    for component in repetition.components() {
                        let length: usize = component.subcomponents().map(|part| part.raw().len() + 1).sum();
                        prop_assert_eq!(length, component.raw().len() + 1);
                    }
                }
            }
            if let Some(end) = field_end {
                prop_assert_eq!(end, span.end, "the last field ends the segment");
            }
        }
        let rest = &bytes[at..message.content().end];
        prop_assert!(rest.iter().all(|byte| b"\r\n \t\x0b".contains(byte)));
    }

    #[test]
    fn one_edit_changes_one_place(
        bytes in messages(),
        position in 0usize..8,
        field in 1u32..12,
        below in (0u32..4, 0u32..4, 0u32..4),
        text in "[ -~]{0,20}",
    ) {
        let message = Message::parse(&bytes).unwrap();
        let position = position % message.segment_count();
        let mut path = format!("*[{}]-{field}", position + 1);
        if below.0 > 0 { path.push_str(&format!("[{}]", below.0)); }
        if below.1 > 0 { path.push_str(&format!(".{}", below.1)); }
        if below.1 > 0 && below.2 > 0 { path.push_str(&format!(".{}", below.2)); }
        let mut edit = message.edit();
        let outcome = edit.set(&path, &text);
        let result = edit.finish();
        if let Err(error) = outcome {
            prop_assert!(matches!(error, EditError::Declaration | EditError::NoDelimiter | EditError::Charset | EditError::Separator), "{}", error);
            prop_assert_eq!(&result, &bytes, "a change that fails changes nothing");
            return Ok(());
        }
        // What was there is exchanged, or something is put in at the end of what was there.
        let parsed = Path::parse(&path).unwrap();
        let (start, end) = match message.span_of(&parsed) {
            Some(span) => (span.start, span.end),
            None => {
                let after = bytes.iter().rev().zip(result.iter().rev()).take_while(|(a, b)| a == b).count();
                let end = bytes.len() - after.min(bytes.len());
                (end, end)
            }
        };
        prop_assert_eq!(&result[..start], &bytes[..start]);
        prop_assert!(result.ends_with(&bytes[end..]));
        if bytes.is_ascii() && !message.delimiters().has_duplicates() && !bytes[..].contains(&0x1b) {
            let again = Message::parse(&result).unwrap();
            if again.segment_count() == message.segment_count() && again.delimiters() == message.delimiters() {
                let expected = if text.is_empty() { Value::Empty } else if text == "\"\"" { Value::Null } else { Value::Text(text.clone().into()) };
                prop_assert_eq!(again.at(&parsed).text().map(str::to_owned), expected.text().map(str::to_owned), "{}", path);
            }
        }
    }

    #[test]
    fn escaping_comes_back(text in any::<String>()) {
        let escaped = escape(&text, &Delimiters::STANDARD);
        prop_assert!(!escaped.contains(['|', '^', '~', '&', '\r', '\n']));
        prop_assert_eq!(unescape(&escaped, &Delimiters::STANDARD, &ehr_hl7v2::Charset::UTF_8), text.as_str());
    }

    #[test]
    fn pieces_cover_every_text(text in "[\\\\A-Za-z0-9.|^é +-]{0,60}") {
        let whole: String = pieces(&text, &Delimiters::STANDARD).map(|piece| piece.source().to_owned()).collect();
        prop_assert_eq!(whole, text);
    }

    #[test]
    fn frames_are_found_however_they_are_cut(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>().prop_filter("frame bytes", |byte| !matches!(byte, 0x0b | 0x1c)), 0..40), 0..6),
        cuts in proptest::collection::vec(1usize..20, 1..20),
    ) {
        let stream: Vec<u8> = contents.iter().flat_map(|content| mllp::frame(content)).collect();
        let mut decoder = mllp::Decoder::new();
        let mut found = Vec::new();
        let mut rest = &stream[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (head, tail) = rest.split_at((*cut).min(rest.len()));
            decoder.push(head);
            rest = tail;
            while let Some(event) = decoder.next_event() {
                match event {
                    mllp::Event::Frame(content) => found.push(content.to_vec()),
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }
        prop_assert_eq!(found, contents);
        prop_assert_eq!(decoder.finish(), None);
    }

    #[test]
    fn concatenated_messages_are_taken_apart(bodies in proptest::collection::vec("[A-Za-z^~& ]{0,30}", 1..6), end in proptest::sample::select(vec!["\r", "\n", "\r\n"])) {
        let sources: Vec<String> = bodies.iter().map(|body| format!("MSH|^~\\&|A{end}NTE|{body}{end}")).collect();
        let whole = sources.concat();
        let found: Vec<&[u8]> = parts(whole.as_bytes()).map(|part| {
            assert_eq!(part.kind, PartKind::Message);
            part.bytes
        }).collect();
        prop_assert_eq!(found, sources.iter().map(|source| source.as_bytes()).collect::<Vec<_>>());
    }
}
