//! What stands around messages and is of nobody; and what is long.

use ehr_types::SourceLocation;

use super::{JANE, message, one, read, residual};

fn place<'i>(import: &'i ehr_model::Import, code: &str) -> &'i SourceLocation {
    let finding = import.findings.iter().find(|finding| finding.code == code);
    let place = &finding
        .unwrap_or_else(|| panic!("{code}: {:?}", import.findings))
        .location;
    assert!(place.line.is_some() && place.span.is_some(), "{code}");
    place
}

#[test]
fn where_nobody_is_spoken_of_there_is_no_chart() {
    for text in [
        "FHS|^~\\&|A\rBHS|^~\\&|A\rBTS|0\rFTS|1\r",
        "BHS|^~\\&|A\rBTS|0\r",
        "MSH|^~\\&|A|B|||2024||ACK^A01|1|P|2.5\rMSA|AE|C0|text\rERR|||207|E\r",
        "MSH|^~\\&|A|B|||2024||ADT^A01|1|P|2.5\rEVN|A01\r",
    ] {
        let import = read(text);
        assert!(import.charts.is_empty(), "{text}");
        assert!(!import.findings.is_empty(), "{text}");
    }
    // What may be of somebody is kept all the same.
    let chart = one("MSH|^~\\&|A|B|||2024||ADT^A01|1|P|2.5\rZPI|7|Doe^Jane\r");
    assert!(chart.entries.is_empty());
    assert!(residual(&chart).iter().any(|(_, content)| content == "Doe"));
}

#[test]
fn text_between_messages_is_found_and_kept() {
    for (text, expected) in [
        (
            format!("BHS|^~\\&|A\rjunk line\r{}BTS|1\r", message("ADT^A01", &[JANE])),
            11,
        ),
        (
            format!(
                "BHS|^~\\&|A\r\rjunk line\r\r{}BTS|1\r",
                message("ADT^A01", &[JANE])
            ),
            11,
        ),
    ] {
        let import = read(&text);
        let place = place(&import, "v2.batch.text");
        assert_eq!((place.span.unwrap().start, place.line), (expected, Some(2)));
        let left = residual(&import.charts[0]);
        assert!(left.contains(&(String::new(), "junk line".into())), "{left:?}");
        assert!(left.contains(&("BHS".into(), "BHS|^~\\&|A".into())), "{left:?}");
    }
    // Within a message it is a line without a name.
    let import = read(&message("ADT^A01", &[JANE, "junk line"]));
    place(&import, "v2.segment.unnamed");
}

#[test]
fn every_finding_of_the_exchange_has_a_line() {
    let text = format!("FHS|^~\\&|A\rBHS|^~\\&|A\r{}", message("ADT^A01", &[JANE]));
    let import = read(&text);
    assert_eq!(place(&import, "v2.batch.trailer").span.unwrap().start, text.len());

    let text = [
        message("ADT^A01", &[JANE]),
        message("ADT^A08", &[&JANE.replace("Doe", "D\u{f6}")]),
    ]
    .concat();
    let import = read(&text);
    let place_of = place(&import, "v2.charset.undeclared");
    assert_eq!(
        (place_of.path.as_str(), place_of.line),
        ("MSG[2]/MSH-18", Some(3))
    );

    let import = read(&message(
        "ADT^A01",
        &[&JANE.replace("Jane", "Ja\0n\0e"), "NK1|1|D\u{1}oe"],
    ));
    assert!(place(&import, "v2.value.control").path.starts_with("PID-5[1].2"));
    let count = import
        .findings
        .iter()
        .filter(|finding| finding.code == "v2.value.control")
        .count();
    assert_eq!(count, 2, "one a line");
}

/// Ordinary time for any of these is well below a second; looking through all for each would take minutes.
#[test]
fn what_is_repeated_often_is_read_in_linear_time() {
    const MANY: usize = 20_000;
    const REPETITIONS: usize = 2_000;
    let repeat = |separator: &str, each: &dyn Fn(usize) -> String| {
        let count = if separator == "~" { REPETITIONS } else { MANY };
        (0..count).map(each).collect::<Vec<_>>().join(separator)
    };
    let segments = |each: &dyn Fn(usize) -> String| repeat("\r", each);
    let identifiers = repeat("~", &|n| format!("A{n}^^^H^MR"));
    let phones = repeat("~", &|n| format!("^PRN^PH^^1^217^{n}"));
    let names = repeat("~", &|n| format!("Doe{n}^Jane"));
    let pid = format!("PID|1||{identifiers}||{names}||||||||{phones}");
    for (text, entries) in [
        (message("ADT^A01", &[&pid]), 1),
        (
            [
                message("ADT^A01", &[&pid]),
                message("ADT^A08", &[&pid.replace("Doe", "Roe")]),
            ]
            .concat(),
            1,
        ),
        (
            message(
                "ADT^A40",
                &[&pid, &format!("MRG|{}", identifiers.replace('A', "B"))],
            ),
            1,
        ),
        (
            message(
                "ORU^R01",
                &[
                    JANE,
                    "OBR|1||F|T",
                    &segments(&|n| format!("OBX|{n}|ST|T{n}^T^L||x||||||F")),
                ],
            ),
            MANY,
        ),
        (
            message(
                "ADT^A01",
                &[JANE, "PV1|1|I", &segments(&|n| format!("DG1|{n}||D{n}^D^L|||A"))],
            ),
            MANY,
        ),
        (
            message(
                "ADT^A01",
                &[JANE, &segments(&|n| format!("NK1|{n}|Doe{n}^Jo|||||C"))],
            ),
            MANY,
        ),
        (
            message(
                "MDM^T02",
                &[
                    JANE,
                    "TXA|1|DS|TX",
                    &segments(&|n| format!("OBX|{n}|TX|T{n}^T^L||x||||||F")),
                ],
            ),
            1,
        ),
        (
            message(
                "MDM^T02",
                &[
                    JANE,
                    "TXA|1|DS|TX",
                    &segments(&|n| format!("OBX|{n}|NM|T{n}^T^L||1||||||F")),
                ],
            ),
            MANY,
        ),
    ] {
        let chart = one(&text);
        assert!(
            chart.entries.len() >= entries,
            "{} of {entries}",
            chart.entries.len()
        );
    }
}
