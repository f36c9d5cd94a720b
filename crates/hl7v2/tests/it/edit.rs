//! Messages that are changed: what is not touched stays as it is.

use ehr_hl7v2::{Edit, EditError, Message};

fn edited(
    source: &str,
    change: impl Fn(&mut Edit<'_>) -> Result<(), EditError>,
) -> Result<String, EditError> {
    let message = Message::parse(source.as_bytes())?;
    let mut edit = message.edit();
    change(&mut edit)?;
    Ok(String::from_utf8(edit.finish()).expect("the tests write UTF-8"))
}

#[test]
fn set_fills_the_separators_that_are_missing() {
    for (line, path, expected) in [
        ("PID|1", "PID-1", "PID|x"),
        ("PID|1", "PID-3", "PID|1||x"),
        ("PID", "PID-2", "PID||x"),
        ("PID|1||", "PID-3", "PID|1||x"),
        ("PID|1||a~b", "PID-3", "PID|1||x"),
        ("PID|1||a~b", "PID-3[2]", "PID|1||a~x"),
        ("PID|1||a~b", "PID-3[4]", "PID|1||a~b~~x"),
        ("PID|1||a~b", "PID-3.2", "PID|1||a^x~b"),
        ("PID|1||a~b", "PID-3[2].2.3", "PID|1||a~b^&&x"),
        ("PID|1||a^b&c^d|e", "PID-3.2.2", "PID|1||a^b&x^d|e"),
        ("PID|1||a^b&c^d|e", "PID-3.2", "PID|1||a^x^d|e"),
        ("PID|1", "PID-3[2].2.2", "PID|1||~^&x"),
        ("PID|1||", "PID-3[2].2", "PID|1||~^x"),
    ] {
        let source = format!("MSH|^~\\&|A\r{line}\rZZZ|\r");
        let result = edited(&source, |edit| edit.set(path, "x")).unwrap();
        assert_eq!(
            result,
            format!("MSH|^~\\&|A\r{expected}\rZZZ|\r"),
            "{path} of {line}"
        );
        let message = Message::parse(result.as_bytes()).unwrap();
        assert_eq!(message.get(path).unwrap().text(), Some("x"));
    }
}

#[test]
fn headers_are_changed_but_for_their_declaration() {
    let source = "MSH|^~\\&|A\rPID|1\r";
    assert_eq!(
        edited(source, |edit| edit.set("MSH-3", "B")).unwrap(),
        "MSH|^~\\&|B\rPID|1\r"
    );
    assert_eq!(
        edited(source, |edit| edit.set("MSH-5", "B")).unwrap(),
        "MSH|^~\\&|A||B\rPID|1\r"
    );
    assert_eq!(
        edited(source, |edit| edit.set("MSH-2", "B")),
        Err(EditError::Declaration)
    );
    assert_eq!(
        edited(source, |edit| edit.remove("MSH")),
        Err(EditError::Declaration)
    );
    assert_eq!(
        edited("MSH|^~\\&", |edit| edit.set("MSH-3", "B")).unwrap(),
        "MSH|^~\\&|B"
    );
}

#[test]
fn segments_are_put_in_and_taken_out() {
    let source = "\u{b}MSH|^~\\&|A\nOBX|1\nOBX|2\n\u{1c}\r";
    let check = |change: &dyn Fn(&mut Edit<'_>) -> Result<(), EditError>, expected: &str| {
        assert_eq!(edited(source, change).unwrap(), expected);
    };
    check(&|edit| edit.remove("OBX[2]"), "\u{b}MSH|^~\\&|A\nOBX|1\n\u{1c}\r");
    check(
        &|edit| edit.append("NTE|x"),
        "\u{b}MSH|^~\\&|A\nOBX|1\nOBX|2\nNTE|x\n\u{1c}\r",
    );
    check(
        &|edit| edit.insert_before("OBX[2]", "NTE|x"),
        "\u{b}MSH|^~\\&|A\nOBX|1\nNTE|x\nOBX|2\n\u{1c}\r",
    );
    check(
        &|edit| edit.insert_after("OBX[2]", "NTE|x"),
        "\u{b}MSH|^~\\&|A\nOBX|1\nOBX|2\nNTE|x\n\u{1c}\r",
    );
    check(
        &|edit| {
            edit.remove("OBX")?;
            edit.set("OBX-1", "only")?;
            edit.append("NTE|a")?;
            edit.insert_before("NTE", "NTE|b")?;
            edit.set("NTE[1]-1", "c")?;
            edit.insert_after("NTE[2]", "NTE|d")
        },
        "\u{b}MSH|^~\\&|A\nOBX|only\nNTE|c\nNTE|a\nNTE|d\n\u{1c}\r",
    );
    assert_eq!(
        edited("MSH|^~\\&|A", |edit| edit.append("PID|1")).unwrap(),
        "MSH|^~\\&|A\rPID|1"
    );
    assert_eq!(
        edited(source, |edit| edit.append("no segment")),
        Err(EditError::NotASegment)
    );
    assert_eq!(
        edited(source, |edit| edit.append("NTE|a\rNTE|b")),
        Err(EditError::NotASegment)
    );
    assert_eq!(
        edited(source, |edit| edit.set("PID-1", "x")),
        Err(EditError::NoSegment)
    );
}

#[test]
fn repetitions_are_taken_out() {
    for (line, path, expected) in [
        ("PID|a~b~c|", "PID-1[1]", "PID|b~c|"),
        ("PID|a~b~c|", "PID-1[2]", "PID|a~c|"),
        ("PID|a~b~c|", "PID-1[3]", "PID|a~b|"),
        ("PID|a~b~c|", "PID-1[4]", "PID|a~b~c|"),
        ("PID|a|", "PID-1[1]", "PID||"),
        ("PID|~|", "PID-1[2]", "PID||"),
    ] {
        let source = format!("MSH|^~\\&|A\r{line}\r");
        let result = edited(&source, |edit| edit.remove_repetition(path)).unwrap();
        assert_eq!(result, format!("MSH|^~\\&|A\r{expected}\r"), "{path} of {line}");
    }
}

#[test]
fn clear_adds_nothing() {
    let source = "MSH|^~\\&|A\rPID|1||a^b\r";
    assert_eq!(
        edited(source, |edit| edit.clear("PID-3.1")).unwrap(),
        "MSH|^~\\&|A\rPID|1||^b\r"
    );
    assert_eq!(edited(source, |edit| edit.clear("PID-9.3")).unwrap(), source);
}

#[test]
fn text_is_written_in_the_message_character_set() {
    let latin = Message::parse(b"MSH|^~\\&|A|||||||||||||||8859/1\rPID|1\r").unwrap();
    let mut edit = latin.edit();
    edit.set("PID-5", "Müller").unwrap();
    assert!(edit.finish().ends_with(b"PID|1||||M\xfcller\r"));
    assert_eq!(edit.set("PID-5", "山"), Err(EditError::Charset));
    edit.set("MSH-18", "UNICODE UTF-8").unwrap();
    edit.set("PID-5", "山").unwrap();
    let undeclared = Message::parse(b"MSH|^~\\&|A\rPID|1\r").unwrap();
    assert_eq!(undeclared.edit().set("PID-5", "Müller"), Err(EditError::Charset));
}

#[test]
fn trail_bytes_do_not_divide_what_is_edited() {
    // 表 is 0x95 0x5C in Shift-JIS: its second byte is the escape character; 能 is 0x94 0x5C.
    let source = b"MSH|^~\\&|A|||||||||||||||ISO IR14\rPID|1||\x95\x5c^\x94\x5c\r";
    let message = Message::parse(source).unwrap();
    assert_eq!(message.get("PID-3.2").unwrap().text(), Some("能"));
    let mut edit = message.edit();
    edit.set("PID-3.2", "表|").unwrap();
    let result = edit.finish_message().unwrap();
    assert_eq!(result.get("PID-3.2").unwrap().text(), Some("表|"));
    assert_eq!(result.get("PID-3.1").unwrap().text(), Some("表"));
}
