//! Any bytes: reading, walking, checking and splitting never panic, and lose nothing.
#![no_main]

use ehr::hl7v2::{Ack, AckCode, Message, acknowledge, check_batch, mllp, parts, pieces};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let together: Vec<u8> = parts(data).flat_map(|part| part.bytes.to_vec()).collect();
    assert_eq!(together, data, "the parts are the source");
    let _ = check_batch(data);
    let mut decoder = mllp::Decoder::with_limit(1000);
    for piece in data.chunks(7) {
        decoder.push(piece);
        while decoder.next_event().is_some() {}
    }
    let Ok(message) = Message::parse(data) else { return };
    assert_eq!(message.as_bytes(), data);
    assert_eq!(message.edit().finish(), data, "no change changes nothing");
    for segment in message.segments() {
        for field in segment.fields() {
            assert_eq!(segment.field(field.number()).span(), field.span());
            for repetition in field.repetitions() {
                for component in repetition.components() {
                    for subcomponent in component.subcomponents() {
                        let text = subcomponent.escaped();
                        let whole: String = pieces(&text, message.delimiters())
                            .map(|piece| piece.source().to_owned())
                            .collect();
                        assert_eq!(whole, text, "pieces cover the text");
                        assert_eq!(message.at(&subcomponent.path()), subcomponent.value());
                        assert_eq!(message.span_of(&subcomponent.path()), Some(subcomponent.span()));
                    }
                }
            }
        }
    }
    let findings = message.findings();
    let answer = acknowledge(
        &message,
        &Ack {
            code: AckCode::application(&findings),
            control_id: "1",
            time: "2024",
            findings: &findings,
        },
    );
    assert!(Message::parse(&answer).is_ok(), "the answer is a message");
});
