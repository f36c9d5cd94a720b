//! One change: the value reads back, and every other byte stays.
#![no_main]

use ehr::hl7v2::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], usize, u32, [u8; 3], &str)| {
    let (data, position, number, below, text) = input;
    let Ok(message) = Message::parse(data) else { return };
    let position = position % message.segment_count().max(1);
    let Some(segment) = message.segment(position) else {
        return;
    };
    let mut path = format!("*[{}]-{}", position + 1, number % 100 + 1);
    let [repetition, component, subcomponent] = below.map(|number| number % 8);
    if repetition > 0 {
        path.push_str(&format!("[{repetition}]"));
    }
    if component > 0 {
        path.push_str(&format!(".{component}"));
        if subcomponent > 0 {
            path.push_str(&format!(".{subcomponent}"));
        }
    }
    let mut edit = message.edit();
    if edit.set(&path, text).is_err() {
        assert_eq!(edit.finish(), data, "a change that fails changes nothing");
        return;
    }
    let result = edit.finish();
    let span = segment.span();
    assert_eq!(result[..span.start], data[..span.start], "before the segment");
    let after = data.len() - span.end;
    assert_eq!(
        result[result.len() - after..],
        data[span.end..],
        "after the segment"
    );
});
