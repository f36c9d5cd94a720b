//! Groups: what belongs together, whatever is sent.

use std::collections::BTreeMap;

use ehr_hl7v2::definitions::{GroupDefinition, MemberKind, Version};
use ehr_hl7v2::{Message, Structure};
use proptest::prelude::*;

/// A message of the given type and version from the names of its segments.
fn message(kind: &str, version: &str, segments: &str) -> Vec<u8> {
    let mut text = format!("MSH|^~\\&|A|B|C|D|20240102||{kind}|1|P|{version}\r");
    for (number, id) in segments.split_whitespace().enumerate() {
        text.push_str(&format!("{id}|{number}\r"));
    }
    text.into_bytes()
}

/// The groups as text: `PID ORDER_OBSERVATION(OBR OBSERVATION(OBX))`; `?` after what is unexpected.
fn shape(bytes: &[u8]) -> (String, Vec<String>) {
    let message = Message::parse(bytes).unwrap();
    let structure = message.structure();
    let debug = format!("{structure:?}");
    let mut out = String::new();
    for line in debug.lines().skip(1) {
        let line = line.trim();
        if let Some(name) = line.strip_suffix(" {") {
            out.push_str(&format!("{name}("));
        } else if line == "}" {
            out.truncate(out.trim_end().len());
            out.push_str(") ");
        } else {
            out.push_str(&format!("{} ", line.replace(" ?", "?")));
        }
    }
    let findings = structure
        .findings()
        .iter()
        .map(|f| {
            format!(
                "{} {}",
                f.code.trim_start_matches("v2.structure."),
                f.location.path
            )
        })
        .collect();
    (
        out.trim_end_matches([')', ' '])
            .trim_start_matches("MSH")
            .trim_start()
            .to_owned(),
        findings,
    )
}

#[track_caller]
fn check(kind: &str, version: &str, segments: &str, expected: &str, findings: &[&str]) {
    let (shape, found) = shape(&message(kind, version, segments));
    assert_eq!(
        shape,
        expected.trim_end_matches([')', ' ']),
        "{kind} {version} {segments}: {found:?}"
    );
    assert_eq!(found, findings, "{kind} {version} {segments}");
}

#[test]
fn results_are_grouped_by_patient_and_order() {
    check(
        "ORU^R01^ORU_R01",
        "2.5.1",
        "PID NTE PV1 ORC OBR NTE OBX NTE OBX SPM OBX OBR OBX PID OBR OBX",
        "PATIENT_RESULT(PATIENT(PID NTE VISIT(PV1)) ORDER_OBSERVATION(ORC OBR NTE OBSERVATION(OBX NTE) \
         OBSERVATION(OBX) SPECIMEN(SPM OBX)) ORDER_OBSERVATION(OBR OBSERVATION(OBX))) \
         PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))",
        &[],
    );
}

#[test]
fn what_is_unexpected_stays_and_moves_nothing() {
    // A local segment between, a segment of another message type, and one out of order.
    check(
        "ORU^R01^ORU_R01",
        "2.5.1",
        "EVN PID ZPI OBR ZBR OBX ZBX NTE IN1 OBX NK1 OBR OBX",
        "EVN? PATIENT_RESULT(PATIENT(PID ZPI?) ORDER_OBSERVATION(OBR ZBR? OBSERVATION(OBX ZBX? NTE IN1?) \
         OBSERVATION(OBX NK1?)) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))",
        &[
            "unexpected EVN",
            "local ZPI",
            "local ZBR",
            "local ZBX",
            "unexpected IN1",
            "order NK1",
        ],
    );
    // An event segment in an order does not empty what follows.
    check(
        "ORM^O01^ORM_O01",
        "2.5.1",
        "EVN PID PV1 ORC OBR NTE OBX",
        "EVN? PATIENT(PID PATIENT_VISIT(PV1)) ORDER(ORC ORDER_DETAIL(OBR NTE OBSERVATION(OBX)))",
        &["unexpected EVN"],
    );
}

#[test]
fn required_segments_are_reported_where_they_are_missing() {
    check(
        "ORU^R01^ORU_R01",
        "2.5.1",
        "PID OBX OBX",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBSERVATION(OBX) OBSERVATION(OBX)))",
        &["missing PATIENT_RESULT[1]/ORDER_OBSERVATION[1]/OBR"],
    );
    check("ADT^A01^ADT_A01", "2.5.1", "PID PV1", "PID PV1", &["missing EVN"]);
    check(
        "ADT^A01^ADT_A01",
        "2.5.1",
        "EVN",
        "EVN",
        &["missing PID", "missing PV1"],
    );
    check("ORU^R01^ORU_R01", "2.5.1", "", "", &["missing PATIENT_RESULT"]);
    // A segment that stands out of order is not missing as well.
    check(
        "ADT^A01^ADT_A01",
        "2.5.1",
        "PID EVN PV1",
        "PID? EVN PV1",
        &["order PID"],
    );
}

#[test]
fn an_opening_segment_opens_its_group_again() {
    check(
        "OML^O21^OML_O21",
        "2.5.1",
        "PID ORC OBR OBX ORC OBR OBX",
        "PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR OBSERVATION(OBX))) \
         ORDER(ORC OBSERVATION_REQUEST(OBR OBSERVATION(OBX)))",
        &[],
    );
    // Immunizations without their ORC: each RXA begins an order.
    check(
        "VXU^V04^VXU_V04",
        "2.5.1",
        "PID RXA RXR OBX RXA RXR OBX",
        "PID ORDER(RXA RXR OBSERVATION(OBX)) ORDER(RXA RXR OBSERVATION(OBX))",
        &["missing ORDER[1]/ORC", "missing ORDER[2]/ORC"],
    );
    // A group that may not repeat does so all the same; its segments stay together.
    check(
        "ORM^O01",
        "2.3.1",
        "PID ORC OBR OBX OBR OBX",
        "PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR OBSERVATION(OBX)) ORDER_DETAIL(OBR OBSERVATION(OBX)))",
        &["repetition OBR[2]"],
    );
}

#[test]
fn the_structure_is_found_however_the_type_is_written() {
    for (kind, version, name, finding) in [
        ("ADT^A04^ADT_A01", "2.5.1", "ADT_A01", None),
        ("ADT^A04", "2.5.1", "ADT_A01", None),
        ("ADT^A04^ADT_A04", "2.5.1", "ADT_A01", Some("v2.structure.name")),
        ("ADT^A04^nonsense", "2.5.1", "ADT_A01", Some("v2.structure.name")),
        ("ACK", "2.3", "ACK", None),
        ("ACK^A01^ACK", "2.5", "ACK", None),
        ("ORU", "2.3", "ORU_R01", Some("v2.structure.event")),
        ("OML^O21", "2.3", "OML_O21", Some("v2.structure.version")),
        ("ZZZ^Z01", "2.5", "", Some("v2.structure.unknown")),
        ("", "2.5", "", Some("v2.structure.unknown")),
    ] {
        let bytes = message(kind, version, "");
        let message = Message::parse(&bytes).unwrap();
        let structure = message.structure();
        assert_eq!(structure.name(), name, "{kind} {version}");
        let about: Vec<_> = structure
            .findings()
            .iter()
            .map(|f| f.code.as_ref())
            .filter(|c| *c != "v2.structure.missing")
            .collect();
        assert_eq!(about, finding.into_iter().collect::<Vec<_>>(), "{kind} {version}");
    }
    // Version 2.1 named the event in EVN-1.
    let bytes = b"MSH|^~\\&|A|B|C|D|19900102||ADT|1|P|2.1\rEVN|A04|199001020000\rPID|1\rPV1|1\r";
    assert_eq!(Message::parse(bytes).unwrap().structure().name(), "ADT_A04");
}

#[test]
fn a_message_of_unknown_structure_is_one_flat_group() {
    let bytes = message("ZZZ^Z01", "2.5", "PID OBR OBX");
    let message = Message::parse(&bytes).unwrap();
    let structure = message.structure();
    assert_eq!(structure.root().own_segments().count(), 4);
    assert_eq!(structure.root().children().count(), 0);
}

#[test]
fn groups_are_walked_and_addressed() {
    let bytes = message("ORU^R01^ORU_R01", "2.5.1", "PID OBR OBX OBX OBR OBX NTE");
    let message = Message::parse(&bytes).unwrap();
    let structure = message.structure();
    let orders: Vec<_> = structure.groups("ORDER_OBSERVATION").collect();
    assert_eq!(orders.len(), 2);
    assert_eq!(orders[1].path(), "PATIENT_RESULT[1]/ORDER_OBSERVATION[2]");
    assert_eq!(orders[0].groups("OBSERVATION").count(), 2);
    assert_eq!(orders[1].segments().count(), 3);
    assert_eq!(orders[1].own_segments().count(), 1);
    assert_eq!(orders[1].parent().map(|g| g.name()), Some("PATIENT_RESULT"));
    for (path, value) in [
        ("ORDER_OBSERVATION[2]/OBX-1", Some("5")),
        ("ORDER_OBSERVATION[2]/OBX[1]-1", Some("5")),
        ("ORDER_OBSERVATION/OBX[2]-1", Some("3")),
        ("PATIENT_RESULT/ORDER_OBSERVATION[2]/OBSERVATION/NTE-1", Some("6")),
        ("ORDER_OBSERVATION[3]/OBX-1", None),
        ("ORDER_OBSERVATION[1]/NTE-1", None),
        ("SPECIMEN/SPM-1", None),
    ] {
        assert_eq!(message.get(path).unwrap().text(), value, "{path}");
    }
    let of = structure.group_of(3).unwrap();
    assert_eq!((of.name(), of.number()), ("OBSERVATION", 1));
    assert_eq!(structure.group_of(99).map(|g| g.number()), None);
}

/// In time that grows with the square, this takes minutes; the benches `hl7v2 large/structure` and `hl7v2 very large/structure` show how it grows.
#[test]
fn very_many_segments_are_all_placed() {
    // Worst of what is sent: very many groups, and very many segments without a place.
    for segments in [
        "OBX ".repeat(60_000),
        "OBR OBX NTE ".repeat(20_000),
        "IN1 ".repeat(60_000),
        "ZZZ OBX ".repeat(30_000),
    ] {
        let bytes = message("ORU^R01^ORU_R01", "2.5.1", &format!("PID OBR {segments}"));
        let message = Message::parse(&bytes).unwrap();
        let structure = message.structure();
        assert_eq!(structure.root().segments().count(), message.segment_count());
    }
}

/// The names of the segments of one instance of a group: all of them once, or the required ones.
fn instance(group: GroupDefinition, all: bool, out: &mut Vec<&'static str>) {
    for member in group.members() {
        if !all && !member.is_required() {
            continue;
        }
        match member.kind() {
            MemberKind::Segment(id) => out.push(id),
            MemberKind::Group(inner) => instance(inner, all, out),
            MemberKind::AnySegment => {}
        }
        if group.is_choice() {
            break;
        }
    }
}

#[test]
fn every_structure_of_every_version_matches_its_own_instances() {
    let (mut structures, mut wrong) = (0, Vec::new());
    for version in Version::ALL {
        for definition in version.message_structures() {
            structures += 1;
            for all in [true, false] {
                let mut ids = Vec::new();
                instance(definition, all, &mut ids);
                // What may stand for any segment cannot be told from what follows it.
                if definition.to_string().contains('*') || ids.first() != Some(&"MSH") {
                    continue;
                }
                let bytes = message("x", version.as_str(), &ids[1..].join(" "));
                let message = Message::parse(&bytes).unwrap();
                let structure = Structure::of(&message, version, definition);
                if let Some(finding) = structure.findings().first() {
                    wrong.push(format!("{version} {} all={all}: {finding}", definition.name()));
                }
            }
        }
    }
    println!(
        "{structures} structures, {} instances not told apart",
        wrong.len()
    );
    assert!(structures > 2000);
    // In these, a group ends like the next one begins, and only segments further on tell them apart.
    let ambiguous = ["CSU_C09", "EHC_E15", "OMD_O03", "OML_O21", "OPL_O37", "ORD_O04"];
    let others: Vec<_> = wrong
        .iter()
        .filter(|line| !ambiguous.iter().any(|name| line.contains(name)))
        .collect();
    assert!(
        others.is_empty() && wrong.len() <= 1,
        "{}: {others:#?}",
        wrong.len()
    );
}

/// Every segment is in exactly one group, groups are nested and in order, and numbers count up.
fn check_shape(group: ehr_hl7v2::Group<'_>) -> usize {
    let range = group.range();
    let mut at = range.start;
    let mut count = group.own_segments().count();
    let mut numbers = BTreeMap::new();
    for child in group.children() {
        let inner = child.range();
        assert!(
            inner.start >= at && inner.end <= range.end && inner.start < inner.end,
            "{group:?} {child:?}"
        );
        at = inner.end;
        let number = numbers.entry(child.name()).or_insert(0);
        *number += 1;
        assert_eq!(child.number(), *number, "{}", child.path());
        assert_eq!(child.parent().map(|parent| parent.range()), Some(range.clone()));
        count += check_shape(child);
    }
    assert_eq!(count, range.len(), "{group:?}");
    count
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_segments_in_any_order_keep_their_place(
        version in 0..Version::ALL.len(),
        structure in any::<prop::sample::Index>(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let version = Version::ALL[version];
        let definitions: Vec<_> = version.message_structures().collect();
        let definition = definitions[structure.index(definitions.len())];
        let mut ids = vec!["ZZZ", "NTE", "OBX", "PID", "line"];
        instance(definition, true, &mut ids);
        let segments: Vec<&str> = picks.iter().map(|pick| ids[pick.index(ids.len())]).collect();
        let bytes = message("x", version.as_str(), &segments.join(" "));
        let message = Message::parse(&bytes).unwrap();
        let structure = Structure::of(&message, version, definition);
        prop_assert_eq!(check_shape(structure.root()), message.segment_count());
        for segment in message.segments() {
            let group = structure.group_of(segment.position()).unwrap();
            prop_assert!(group.range().contains(&segment.position()));
        }
        for finding in structure.findings() {
            prop_assert!(finding.location.span.is_some_and(|span| span.end <= bytes.len()), "{}", finding);
        }
        // Validation of the same never panics either.
        let _ = message.validate();
    }
}
