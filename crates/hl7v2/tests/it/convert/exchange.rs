//! What stands around messages and is of nobody; and what is long.

use ehr_types::SourceLocation;

use super::*;

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
    const MANY: usize = 10_000;
    const MESSAGES: usize = 500;
    let repeat = |separator: &str, each: &dyn Fn(usize) -> String| {
        (0..MANY).map(each).collect::<Vec<_>>().join(separator)
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
        (
            (0..MESSAGES)
                .map(|n| {
                    message(
                        "ADT^A08",
                        &[JANE, &format!("PV1|1|I|W^{n}||||{n}^Ash{n}||||||||||||V1")],
                    )
                })
                .collect(),
            2 * MESSAGES,
        ),
        (
            (0..MESSAGES)
                .map(|n| {
                    message(
                        "ADT^A08",
                        &[&format!("PID|1||7^^^ACME^MR||Doe{n}^Jane||19800202")],
                    )
                })
                .collect(),
            1,
        ),
    ] {
        let chart = one(&text);
        assert!(
            chart.entries.len() >= entries,
            "{} of {entries}",
            chart.entries.len()
        );
    }
    let nameless: Vec<String> = (0..MANY / 4).map(|n| format!("PID|{n}||||Doe{n}^Jane")).collect();
    let import = read(&message(
        "ORU^R01",
        &nameless.iter().map(String::as_str).collect::<Vec<_>>(),
    ));
    assert_eq!(import.charts.len(), nameless.len());
}

/// Data without a PID is nobody's: kept, in a chart apart, and said where it stands.
#[test]
fn a_message_without_pid_keeps_its_data_apart() {
    let orphan = [
        "PV1|1|I",
        "OBR|1||F|T",
        "OBX|1|NM|718-7^Hb^LN||13|g/dL|||||F",
        "AL1|1|DA|7980^Penicillin^RXNORM",
    ];
    let import = read(
        &[
            message("ADT^A01", &[JANE]),
            message("ORU^R01", &orphan),
            message("ORU^R01", &orphan),
        ]
        .concat(),
    );
    assert_eq!(import.charts.len(), 3, "not one and the same, nor Jane's");
    let chart = &import.charts[1];
    assert!(chart.patient().is_none());
    for (class, count) in [
        (RecordClass::Encounter, 1),
        (RecordClass::Observation, 1),
        (RecordClass::DiagnosticReport, 1),
        (RecordClass::AllergyIntolerance, 1),
    ] {
        assert_eq!(chart.of_class(class).count(), count, "{class}");
    }
    assert_eq!(place(&import, "v2.patient.missing").path, "MSG[2]/PV1");
    let severe = import
        .findings
        .iter()
        .filter(|finding| finding.code == "v2.patient.missing");
    assert!(
        severe
            .map(|finding| finding.severity)
            .eq([ehr_types::Severity::Warning; 2])
    );
    let master = read(&message("MFN^M02", &["MFI|PRA", "STF|1|2|Doe^Jo"]));
    assert!(
        !master
            .findings
            .iter()
            .any(|finding| finding.code == "v2.patient.missing")
    );
}

/// Each group is its own patient's, in results of many, in mergers of many and in swaps.
#[test]
fn groups_of_several_patients_stay_apart() {
    let pid = |n: u32| format!("PID|1||{n}{n}^^^ACME^MR||Doe{n}^Jo||198{n}0202");
    let result = |n: u32| format!("OBR|1||F{n}|T\rOBX|1|NM|718-7^Hb^LN||1{n}||||||F");
    let batch = read(&message(
        "ORU^R01",
        &[&pid(1), &result(1), &pid(2), &result(2), &pid(3)],
    ));
    let counts: Vec<usize> = batch
        .charts
        .iter()
        .map(|chart| chart.of_class(RecordClass::Observation).count())
        .collect();
    assert_eq!(counts, [1, 1, 0]);

    let merge = read(&message(
        "ADT^A40^ADT_A39",
        &[
            &pid(1),
            "MRG|91^^^ACME^MR",
            &pid(2),
            "MRG|92^^^ACME^MR\rMRG|93^^^ACME^MR",
        ],
    ));
    let former: Vec<Vec<&str>> = merge
        .charts
        .iter()
        .map(|chart| {
            let old = chart.patient().unwrap().identifier.iter();
            old.filter(|id| id.use_.as_deref() == Some("old"))
                .filter_map(|id| id.value.as_deref())
                .collect()
        })
        .collect();
    assert_eq!(former, [vec!["91"], vec!["92", "93"]]);

    let swap = read(&message(
        "ADT^A17",
        &[
            &pid(1),
            "PV1|1|I|W^1^A",
            &pid(2),
            "PV1|1|I|W^2^B",
            "OBX|1|ST|X^X^L||of the second||||||F",
        ],
    ));
    let beds: Vec<Vec<_>> = swap
        .charts
        .iter()
        .map(|chart| {
            chart
                .of_class(RecordClass::Location)
                .map(|entry| entry.record.clone())
                .collect()
        })
        .collect();
    assert_eq!(beds.len(), 2);
    assert!(!beds[0].is_empty() && beds[0] != beds[1]);
    assert_eq!(swap.charts[1].of_class(RecordClass::Observation).count(), 1);

    let first = read(&message("ADT^A40", &["MRG|91^^^ACME^MR", &pid(1)]));
    assert_eq!(place(&first, "v2.merge.not-applied").path, "MRG");
    assert!(first.charts[0].patient().unwrap().link.is_empty());
    assert!(
        residual(&first.charts[0])
            .iter()
            .any(|(_, content)| content == "91")
    );
}

/// A message that comes twice tells nothing new, whatever hangs together in it.
#[test]
fn the_same_message_again_changes_nothing() {
    for (event, segments) in [
        (
            "ORU^R01",
            &[
                "ORC|RE|P1|F1",
                "OBR|1|P1|F1|X^X^L",
                "OBX|1|NM|718-7^Hb^LN||13|g/dL|||||F",
                "SPM|1|S1^A||SER",
            ][..],
        ),
        (
            "ORM^O01",
            &[
                "ORC|NW|P1|F1",
                "OBR|1|P1|F1|X^X^L",
                "OBX|1|NM|718-7^Hb^LN||13|g/dL|||||F",
            ],
        ),
        (
            "VXU^V04",
            &[
                "ORC|RE||V1",
                "RXA|0|1|20240101||03^MMR^CVX|1",
                "OBX|1|ST|9-9^Other^LN||x||||||F",
            ],
        ),
        (
            "MDM^T02",
            &["TXA|1|DS|TX|||||||||D1", "OBX|1|NM|9-9^Other^LN||1||||||F"],
        ),
        (
            "ADT^A01",
            &[
                "PV1|1|I|W^1||||7^Ash^Ann||||||||||||V1",
                "DG1|1||I10^Hypertension^I10|||A",
            ],
        ),
    ] {
        let text = message(event, &[&[JANE], segments].concat());
        let (once, twice) = (one(&text), one(&format!("{text}{text}")));
        let records =
            |chart: &Chart| -> Vec<_> { chart.entries.iter().map(|entry| entry.record.clone()).collect() };
        assert!(records(&once) == records(&twice), "{event}");
    }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

/// UTF-16 reads as UTF-8 does, and its places are those of the bytes that came.
#[test]
fn utf16_is_read_with_the_places_of_its_bytes() {
    let text = message(
        "ADT^A08",
        &["PID|1||7^^^ACME^MR||Müller😀^Jane||1980-13-99|X", "AL1|1|DA|\"\""],
    )
    .replace("|2.5.1\r", "|2.5.1||||||UNICODE UTF-16\r");
    let options = ImportOptions::new(Source::new("test"));
    let narrow = import(text.replace("UTF-16", "UTF-8 ").as_bytes(), &options).unwrap();
    for (mark, unit) in [
        ("", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("", u16::to_be_bytes),
        ("\u{feff}", u16::to_le_bytes),
        ("\u{feff}", u16::to_be_bytes),
        ("\u{b}", u16::to_le_bytes),
    ] {
        let end = if mark == "\u{b}" { "\u{1c}\r" } else { "" };
        let text = format!("{text}{end}");
        let bytes = utf16(&format!("{mark}{text}"), unit);
        let wide = import(&bytes, &options).unwrap();
        assert_eq!(wide.charts[0].patient(), narrow.charts[0].patient());
        assert_eq!(residual(&wide.charts[0]), residual(&narrow.charts[0]));
        let codes = |import: &ehr_model::Import| -> Vec<_> {
            import
                .findings
                .iter()
                .map(|f| (f.code.clone(), f.location.path.clone(), f.location.line))
                .collect()
        };
        assert_eq!(codes(&wide), codes(&narrow));
        let place = place(&wide, "v2.time.unread");
        let span = place.span.unwrap();
        assert_eq!(bytes[span.start..span.end], utf16("1980-13-99", unit));
        let line = bytes.len() - utf16(text.split_once("PID").unwrap().1, unit).len() - 6;
        assert_eq!(place.column, u32::try_from(span.start - line + 1).ok());
    }
    // One half of a pair, or a byte too many, does not lose the rest.
    let mut broken = utf16("MSH|^~\\&|A\rPID|1||7^^^ACME^MR||X^", u16::to_le_bytes);
    broken.extend([0x00, 0xd8]);
    broken.extend(utf16("|\r", u16::to_le_bytes));
    broken.push(0);
    let import = import(&broken, &options).unwrap();
    let spans: Vec<_> = import
        .findings
        .iter()
        .filter(|finding| finding.code == "v2.charset.invalid")
        .map(|finding| finding.location.span.unwrap())
        .map(|span| (span.start, span.end))
        .collect();
    let length = broken.len();
    assert_eq!(spans, [(length - 7, length - 5), (length - 1, length)]);
    assert_eq!(
        import.charts[0].patient().unwrap().name[0].family.as_deref(),
        Some("X")
    );
}

/// What is cut off is not told as if it were whole.
#[test]
fn the_last_segment_of_a_frame_that_breaks_off_is_not_read() {
    let head = message(
        "ORU^R01",
        &[
            JANE,
            "OBR|1|P1|F1|24323-8^Panel^LN",
            "OBX|1|NM|2345-7^Glucose^LN||99|mg/dL|||||F",
        ],
    );
    let whole = "OBX|2|NM|24323-8^Panel^LN||7";
    let findings = |import: &Import| -> Vec<String> {
        let findings = import.findings.iter();
        findings
            .map(|finding| format!("{} {}", finding.code, finding.location.path))
            .collect()
    };
    for length in 1..whole.len() {
        let cut = whole.get(..length).unwrap();
        let import = read(&format!("\u{b}{head}{cut}"));
        let chart = &import.charts[0];
        assert_eq!(all(chart, Observation::from_record).len(), 1, "{cut}");
        assert!(findings(&import)[0].starts_with("v2.mllp.unclosed"), "{cut}");
        let left: String = residual(chart).into_iter().map(|(_, content)| content).collect();
        for said in cut.split(['|', '^']).skip(2) {
            assert!(left.contains(said), "{cut}");
        }
    }
    // A whole segment counts although the frame has no end, and a file needs none.
    for (text, found) in [
        (format!("\u{b}{head}{whole}\r"), vec!["v2.mllp.unclosed OBX[2]"]),
        (format!("\u{b}{head}{whole}\r\u{1c}\r"), vec![]),
        (format!("\u{b}{head}{whole}\u{1c}\r"), vec![]),
        (format!("{head}{whole}"), vec![]),
    ] {
        let import = read(&text);
        assert_eq!(all(&import.charts[0], Observation::from_record).len(), 2);
        assert_eq!(findings(&import), found);
    }
    // Nobody is known by a number that is cut off.
    let import = read("\u{b}MSH|^~\\&|APP|ACME|||20240102||ADT^A01|1|P|2.5\rPID|1||12");
    assert!(import.charts.iter().all(|chart| chart.patient().is_none()));
    let import = read("\u{b}MSH|^~\\&|APP|AC");
    assert!(import.charts.is_empty() || import.charts[0].source.organization.is_none());
}

#[test]
fn utf_8_is_read_as_such_whatever_is_declared() {
    for charset in ["8859/1", "UNICODE UTF-8", ""] {
        let text = message("ADT^A01", &["PID|1||7^^^ACME^MR||Müller^Zoë||19800202|F"]);
        let chart = one(&text.replace("|2.5.1", &format!("|2.5.1||||||{charset}")));
        assert_eq!(chart.patient().unwrap().name[0].family.as_deref(), Some("Müller"));
    }
}
