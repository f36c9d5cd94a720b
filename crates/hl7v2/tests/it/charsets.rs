//! Character sets in which parts of a character look like separators.

use ehr_hl7v2::{Charset, Message};

/// Every CJK, kana and hangul character that a set has, whose bytes hold a delimiter.
fn troublesome(charset: Charset) -> Vec<char> {
    ('\u{3040}'..='\u{30ff}')
        .chain('\u{4e00}'..='\u{9fff}')
        .chain('\u{ac00}'..='\u{d7a3}')
        .filter(|c| {
            let text = c.to_string();
            let bytes = charset.encode(&text);
            bytes.is_some_and(|bytes| bytes.iter().any(|byte| b"|^~\\&".contains(byte)))
        })
        .collect()
}

#[test]
fn no_character_divides_a_field() {
    for (name, declared) in [
        ("ISO IR14", "ISO IR14"),
        ("BIG-5", "BIG-5"),
        ("GB 18030-2000", "GB 18030-2000"),
        ("KS X 1001", "KS X 1001"),
        ("ISO IR87", "ASCII~ISO IR87"),
        ("ISO IR87", "~ISO IR87"),
        ("UNICODE UTF-8", "UNICODE UTF-8"),
    ] {
        let charset = Charset::from_name(name).unwrap();
        let found = troublesome(charset);
        let expected = !matches!(name, "KS X 1001" | "UNICODE UTF-8");
        assert_eq!(
            !found.is_empty(),
            expected,
            "{name}: {} characters hold a delimiter",
            found.len()
        );
        for pair in found.chunks(2) {
            let text: String = pair.iter().collect();
            let bytes = charset.encode(&text).unwrap();
            // The character stands in MSH-3 too, before the set is declared.
            let source = [
                b"MSH|^~\\&|",
                &bytes[..],
                b"|||||||||||||||",
                declared.as_bytes(),
                b"|x\rPID|1||",
                &bytes[..],
                b"^",
                &bytes[..],
                b"~",
                &bytes[..],
                b"|end\r",
            ]
            .concat();
            let message = Message::parse(&source).unwrap();
            let get = |path: &str| message.get(path).unwrap().text().map(str::to_owned);
            for path in ["MSH-3", "PID-3.1", "PID-3[1].2", "PID-3[2]"] {
                assert_eq!(get(path).as_deref(), Some(text.as_str()), "{name} {path}");
            }
            assert_eq!(get("PID-4").as_deref(), Some("end"), "{name}");
            assert_eq!(get("MSH-19").as_deref(), Some("x"), "{name}");
            assert!(message.findings().is_empty(), "{name}: {:?}", message.findings());
            let mut edit = message.edit();
            edit.set("PID-3[1].2", &format!("{text}|")).unwrap();
            let result = edit.finish_message().unwrap();
            assert_eq!(
                result.get("PID-3[1].2").unwrap().text(),
                Some(format!("{text}|").as_str()),
                "{name}"
            );
            assert_eq!(
                result.get("PID-3[2]").unwrap().text(),
                Some(text.as_str()),
                "{name}"
            );
        }
        println!("{declared}: {} characters", found.len());
    }
}

#[test]
fn the_caller_can_say_the_character_set() {
    let bytes = b"MSH|^~\\&|A\rPID|1||||M\xfcller\r";
    let plain = Message::parse(bytes).unwrap();
    assert_eq!(
        plain.get("PID-5").unwrap().text(),
        Some("Müller"),
        "the fallback is Latin-1"
    );
    assert_eq!(
        plain
            .findings()
            .iter()
            .map(|finding| &*finding.code)
            .collect::<Vec<_>>(),
        ["v2.charset.undeclared"]
    );
    let mut options = ehr_hl7v2::ParseOptions::default();
    options.charset = Charset::from_name("8859/5");
    let greek = Message::parse_with(&bytes[..], &options).unwrap();
    assert_eq!(greek.get("PID-5").unwrap().text(), Some("Mќller"));
    let undeclared = Message::parse("MSH|^~\\&|A\rPID|1||||Müller\r".as_bytes()).unwrap();
    assert_eq!(undeclared.charset(), Charset::UTF_8);
    assert_eq!(undeclared.get("PID-5").unwrap().text(), Some("Müller"));
}

#[test]
fn bytes_that_are_not_in_the_declared_set_are_reported() {
    let bytes = b"MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rPID|1||||M\xfcller^\\XC3BC\\^\\XFC\\\r";
    let message = Message::parse(bytes).unwrap();
    assert_eq!(message.get("PID-5.1").unwrap().text(), Some("Müller"));
    assert_eq!(message.get("PID-5.2").unwrap().text(), Some("ü"));
    assert_eq!(
        message.get("PID-5.3").unwrap().text(),
        Some("\\XFC\\"),
        "no text in UTF-8: kept"
    );
    let found: Vec<String> = message
        .findings()
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.location.path))
        .collect();
    assert_eq!(
        found,
        ["v2.charset.invalid PID-5[1].1.1", "v2.escape.hex PID-5[1].3.1"]
    );
}

/// MSH-18, PID-5, and what comes out, with the codes of what is found.
fn name_in(declared: &str, name: &[u8]) -> (String, Vec<String>) {
    let head = format!("MSH|^~\\&|A|||||||||||||||{declared}\rPID|1||||");
    let source = [head.as_bytes(), name, b"\r"].concat();
    let message = Message::parse(&source).unwrap();
    let codes = message
        .findings()
        .iter()
        .map(|finding| finding.code.to_string())
        .collect();
    assert_eq!(message.as_bytes(), source);
    (
        message
            .get("PID-5")
            .unwrap()
            .text()
            .unwrap_or_default()
            .to_owned(),
        codes,
    )
}

#[test]
fn utf_8_under_another_name_is_recognised() {
    let contradicted = vec!["v2.charset.contradicted".to_owned()];
    let (utf_8, none) = ("Müller", Vec::<String>::new());
    for declared in ["8859/1", "8859/15", "8859/9", "windows-1252"] {
        assert_eq!(
            name_in(declared, utf_8.as_bytes()),
            (utf_8.to_owned(), contradicted.clone()),
            "{declared}"
        );
        let bytes = Charset::from_name(declared).unwrap().encode(utf_8).unwrap();
        assert_eq!(
            name_in(declared, &bytes),
            (utf_8.to_owned(), none.clone()),
            "{declared}"
        );
    }
    // Of two letters of another alphabet nobody can tell; of many one can.
    for (declared, name) in [("8859/5", "ТА"), ("8859/2", "ĂŠ"), ("8859/1", "DÉCÉDÉ\u{a0}:")] {
        let bytes = Charset::from_name(declared).unwrap().encode(name).unwrap();
        assert_eq!(
            name_in(declared, &bytes),
            (name.to_owned(), none.clone()),
            "{declared}"
        );
    }
    assert_eq!(
        name_in("8859/5", "Иванов".as_bytes()),
        ("Иванов".to_owned(), contradicted.clone())
    );
    // Where some bytes are not UTF-8, nothing is certain.
    let mixed = ["ÄÖÜäöü".as_bytes(), b"\xfc"].concat();
    let (text, codes) = name_in("8859/1", &mixed);
    assert!(text.starts_with("Ã") && text.ends_with('ü'));
    assert_eq!(codes, contradicted);
}

#[test]
fn of_broken_utf_8_the_rest_is_read() {
    let cut = ["Müller-Zoë".as_bytes(), b"\xc3"].concat();
    for (declared, code) in [("UNICODE UTF-8", None), ("", Some("v2.charset.undeclared"))] {
        let (text, codes) = name_in(declared, &cut);
        assert_eq!(text, "Müller-ZoëÃ");
        let expected: Vec<&str> = code.into_iter().chain(["v2.charset.invalid"]).collect();
        assert_eq!(codes, expected);
    }
    let (text, codes) = name_in("", b"M\xfcller");
    assert_eq!((text.as_str(), codes.len()), ("Müller", 1));
}
