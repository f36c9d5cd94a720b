//! Definitions, by version.

use ehr_hl7v2::definitions::{MemberKind, Version, VersionReading};

#[test]
fn versions_are_read_as_senders_write_them() {
    for (text, reading) in [
        ("2.5.1", VersionReading::Known(Version::V2_5_1)),
        ("2.5", VersionReading::Known(Version::V2_5)),
        ("2.5.0", VersionReading::Known(Version::V2_5)),
        (" 2.3 ", VersionReading::Known(Version::V2_3)),
        ("V2.4", VersionReading::Known(Version::V2_4)),
        ("HL7 2.3.1", VersionReading::Known(Version::V2_3_1)),
        ("2.8.2^USA", VersionReading::Known(Version::V2_8_2)),
        ("2.4.1", VersionReading::Nearest(Version::V2_4)),
        ("2.3.2", VersionReading::Nearest(Version::V2_3_1)),
        ("2.9", VersionReading::Nearest(Version::V2_8_2)),
        ("2.0D", VersionReading::Nearest(Version::V2_1)),
        ("2", VersionReading::Nearest(Version::V2_1)),
        ("3.0", VersionReading::Unknown),
        ("", VersionReading::Unknown),
        ("latest", VersionReading::Unknown),
        ("99999999999999999999.5", VersionReading::Unknown),
    ] {
        assert_eq!(Version::read(text), reading, "{text:?}");
    }
    assert_eq!("2.7.1".parse(), Ok(Version::V2_7_1));
    assert!("2.9".parse::<Version>().is_err());
    for version in Version::ALL {
        assert_eq!(version.as_str().parse(), Ok(version));
    }
}

#[test]
fn every_version_defines_what_every_message_needs() {
    for version in Version::ALL {
        let msh = version
            .segment("MSH")
            .unwrap_or_else(|| panic!("{version} defines no MSH"));
        assert_eq!(msh.field(9).map(|f| f.name()), Some("message_type"), "{version}");
        assert!(msh.field(1).is_some_and(|f| f.is_required()), "{version}");
        assert!(version.segments().count() >= 38, "{version}");
        assert!(version.message_structures().count() >= 39, "{version}");
        assert!(
            version
                .segment("PID")
                .is_some_and(|pid| pid.field(5).is_some_and(|f| f.is_required()))
        );
        assert!(version.structure_of("ORU", "R01").is_some(), "{version}");
        assert!(version.structure_of("ADT", "A04").is_some(), "{version}");
        assert_eq!(
            version.structure_of("ACK", "A01").map(|s| s.name()),
            Some("ACK"),
            "{version}"
        );
        assert_eq!(version.structure_of("QQQ", "X99"), None);
        assert_eq!(version.segment("ZZZ"), None);
        assert_eq!(
            version.table(1).is_some(),
            version >= Version::V2_3_1,
            "{version}"
        );
    }
}

#[test]
fn definitions_are_those_of_the_version() {
    let datatype = |version: Version, segment: &str, field: usize| {
        version
            .segment(segment)
            .and_then(|s| s.field(field))
            .map(|f| f.datatype())
    };
    assert_eq!(datatype(Version::V2_1, "PID", 5), Some("PN"));
    assert_eq!(datatype(Version::V2_3, "PID", 5), Some("XPN"));
    assert_eq!(datatype(Version::V2_3, "PID", 7), Some("TS"));
    assert_eq!(datatype(Version::V2_6, "PID", 7), Some("DTM"));
    assert_eq!(datatype(Version::V2_5_1, "OBX", 5), Some("varies"));
    assert_eq!(datatype(Version::V2_5_1, "OBX", 25), Some("XCN"));
    assert_eq!(datatype(Version::V2_5, "OBX", 25), None);
    let pid2 = |version: Version| version.segment("PID").and_then(|s| s.field(2));
    assert!(pid2(Version::V2_5).is_some_and(|f| !f.is_withdrawn()));
    for version in [Version::V2_7, Version::V2_7_1, Version::V2_8_2] {
        assert!(pid2(version).is_some_and(|f| f.is_withdrawn()), "{version}");
    }
    let sex = Version::V2_5_1.segment("PID").and_then(|s| s.field(8)).unwrap();
    assert_eq!(
        (sex.table(), sex.item(), sex.length()),
        (Some(1), Some(111), Some(1))
    );
    let xpn = Version::V2_5_1.datatype("XPN").unwrap();
    assert_eq!(xpn.component_count(), 14);
    assert_eq!(xpn.component(1).map(|c| c.datatype()), Some("FN"));
    assert_eq!(
        Version::V2_5_1.datatype("ST"),
        None,
        "a primitive type has no components"
    );
    // Components keep their numbers where one before them is not defined.
    let xtn = Version::V2_6.datatype("XTN").unwrap();
    assert_eq!(xtn.component(1).filter(|c| !c.is_withdrawn()), None);
    assert_eq!(
        xtn.component(2).map(|c| c.name()),
        Some("telecommunication_use_code")
    );
}

#[test]
fn events_lead_to_structures() {
    let name =
        |version: Version, code: &str, event: &str| version.structure_of(code, event).map(|s| s.name());
    assert_eq!(name(Version::V2_5_1, "ADT", "A04"), Some("ADT_A01"));
    assert_eq!(name(Version::V2_5_1, "ADT", "A31"), Some("ADT_A05"));
    assert_eq!(name(Version::V2_3_1, "ADT", "A31"), Some("ADT_A01"));
    assert_eq!(name(Version::V2_5_1, "ADT", "A40"), Some("ADT_A39"));
    assert_eq!(name(Version::V2_5_1, "SIU", "S14"), Some("SIU_S12"));
    assert_eq!(name(Version::V2_5_1, "MDM", "T08"), Some("MDM_T02"));
    assert_eq!(name(Version::V2_5_1, "VXU", "V04"), Some("VXU_V04"));
    assert_eq!(name(Version::V2_4, "ORU", "R30"), None);
}

#[test]
fn structures_hold_their_groups() {
    let oru = Version::V2_5_1.message_structure("ORU_R01").unwrap();
    assert_eq!(
        oru.to_string(),
        "MSH [{SFT}] {PATIENT_RESULT: [PATIENT: PID [PD1] [{NTE}] [{NK1}] [VISIT: PV1 [PV2]]] \
         {ORDER_OBSERVATION: [ORC] OBR [{NTE}] [{TIMING_QTY: TQ1 [{TQ2}]}] [CTD] [{OBSERVATION: OBX [{NTE}]}] \
         [{FT1}] [{CTI}] [{SPECIMEN: SPM [{OBX}]}]}} [DSC]"
    );
    // Version 2.7.1 comes from one source, which holds each segment once; the neighbours fill it.
    let adt = Version::V2_7_1.message_structure("ADT_A01").unwrap();
    let roles = adt
        .members()
        .filter(|m| m.kind() == MemberKind::Segment("ROL"))
        .count();
    assert_eq!(roles, 2);
}

#[test]
fn tables_hold_codes_by_version() {
    let table = |version: Version, number| version.table(number);
    let sex = table(Version::V2_5_1, 1).unwrap();
    assert_eq!(sex.codes().collect::<Vec<_>>(), ["A", "F", "M", "N", "O", "U"]);
    let old = table(Version::V2_3_1, 1).unwrap();
    assert_eq!(old.codes().collect::<Vec<_>>(), ["F", "M", "O", "U"]);
    assert!(sex.contains("A") && !old.contains("A") && !sex.contains("X"));
    assert!(sex.is_closed());
    assert_eq!(table(Version::V2_5_1, 9999), None);
    assert_eq!(table(Version::V2_2, 1), None, "no codes are held before 2.3.1");
}

#[test]
fn every_type_that_is_named_is_known_or_primitive() {
    const PRIMITIVE: &[&str] = &[
        "ST", "TX", "FT", "NM", "SI", "ID", "IS", "DT", "TM", "DTM", "TS", "GTS", "SNM", "TN", "varies",
        "WD", "CM", "CK", "", "NUL",
    ];
    let mut unknown = std::collections::BTreeSet::new();
    for version in Version::ALL {
        let segments = version
            .segments()
            .flat_map(|s| s.fields().map(|(_, f)| f).collect::<Vec<_>>());
        let datatypes = version
            .datatypes()
            .flat_map(|s| s.components().map(|(_, f)| f).collect::<Vec<_>>());
        for element in segments.chain(datatypes) {
            let name = element.datatype();
            if version.datatype(name).is_none() && !PRIMITIVE.contains(&name) {
                unknown.insert((version, name));
            }
        }
    }
    assert_eq!(
        unknown,
        [].into(),
        "types without components that are not primitive"
    );
}
