//! Conformance profiles.

use ehr_hl7v2::Message;
use ehr_hl7v2::profile::{Condition, ElementRule, GroupRule, Profile, Rule, SegmentRule, Usage};

fn element(position: u32, usage: Usage) -> ElementRule {
    ElementRule {
        position,
        usage,
        ..ElementRule::default()
    }
}

fn segment(id: &str, usage: Usage, fields: Vec<ElementRule>) -> SegmentRule {
    SegmentRule {
        id: id.to_owned(),
        usage,
        fields,
        ..SegmentRule::default()
    }
}

#[track_caller]
fn check(profile: &Profile, segments: &str, expected: &[(&str, &str)]) {
    let text = format!(
        "MSH|^~\\&|A|B|C|D|20240102||ORU^R01^ORU_R01|1|P|2.5.1\r{}\r",
        segments.replace('\n', "\r")
    );
    let message = Message::parse(text.as_bytes()).unwrap();
    let findings = message.validate_profile(profile);
    let found: Vec<(&str, &str)> = findings
        .iter()
        .map(|f| (f.code.trim_start_matches("v2.profile."), f.location.path.as_str()))
        .collect();
    assert_eq!(found, expected, "{segments}");
    for finding in &findings {
        let span = finding
            .location
            .span
            .unwrap_or_else(|| panic!("{finding} has no range"));
        assert!(span.end <= text.len());
    }
}

fn with_pid(fields: Vec<ElementRule>) -> Profile {
    Profile {
        rules: vec![Rule::Segment(segment("PID", Usage::R, fields))],
        ..Profile::default()
    }
}

#[test]
fn usage_and_cardinality_of_fields() {
    let profile = with_pid(vec![
        element(3, Usage::R),
        ElementRule {
            max: Some(1),
            ..element(5, Usage::RE)
        },
        ElementRule {
            min: 2,
            ..element(13, Usage::O)
        },
        element(19, Usage::X),
        element(2, Usage::B),
    ]);
    check(&profile, "PID|1||7||Doe", &[]);
    check(&profile, "PID|1||7", &[]);
    check(&profile, "PID|1", &[("required", "PID-3")]);
    check(&profile, "PID|1||7||Doe~Roe", &[("cardinality", "PID-5[2]")]);
    check(
        &profile,
        "PID|1||7||||||||||5550100",
        &[("cardinality", "PID-13[1]")],
    );
    check(&profile, "PID|1||7||||||||||5550100~5550101", &[]);
    check(
        &profile,
        "PID|1|6|7||||||||||||||||123456789",
        &[("backward", "PID-2[1]"), ("prohibited", "PID-19[1]")],
    );
    check(&profile, "OBR|1", &[("required", "PID")]);
}

#[test]
fn length_code_constant_and_type() {
    let mut profile = with_pid(vec![
        ElementRule {
            parts: vec![
                ElementRule {
                    length: Some(4),
                    ..element(1, Usage::R)
                },
                ElementRule {
                    parts: vec![element(2, Usage::R)],
                    ..element(4, Usage::R)
                },
                ElementRule {
                    constant: Some("MR".to_owned()),
                    ..element(5, Usage::R)
                },
            ],
            ..element(3, Usage::R)
        },
        ElementRule {
            datatype: Some("DTM".to_owned()),
            ..element(7, Usage::O)
        },
        ElementRule {
            table: Some("sex".to_owned()),
            ..element(8, Usage::O)
        },
        ElementRule {
            table: Some("HL70002".to_owned()),
            ..element(16, Usage::O)
        },
        ElementRule {
            table: Some("no such".to_owned()),
            ..element(10, Usage::O)
        },
    ]);
    profile
        .tables
        .insert("sex".to_owned(), vec!["F".to_owned(), "M".to_owned()]);
    check(
        &profile,
        "PID|1||7^^^A&1.2^MR||||20010203|F||||||||M^Married^HL70002",
        &[],
    );
    check(
        &profile,
        "PID|1||77777^^^A^XX||||2001-02-03|U||x||||||#",
        &[
            ("length", "PID-3[1].1"),
            ("required", "PID-3[1].4.2"),
            ("constant", "PID-3[1].5"),
            ("datatype", "PID-7[1]"),
            ("code", "PID-8[1]"),
            ("unchecked", "PID-10[1]"),
            ("code", "PID-16[1]"),
        ],
    );
    check(
        &profile,
        "PID|1||7",
        &[("required", "PID-3[1].4"), ("required", "PID-3[1].5")],
    );
    // Null is a value: the sender asks to delete, and nothing of it is checked.
    check(&profile, "PID|1||\"\"||||\"\"", &[]);
}

#[test]
fn conditions() {
    let units = ElementRule {
        condition: Some(Condition {
            path: "OBX-2".to_owned(),
            one_of: vec!["NM".to_owned(), "SN".to_owned()],
        }),
        ..element(6, Usage::C)
    };
    let profile = Profile {
        rules: vec![Rule::Segment(segment("OBX", Usage::O, vec![units]))],
        ..Profile::default()
    };
    check(&profile, "OBR|1\nOBX|1|NM|1^x||5|mg\nOBX|2|ST|1^x||text", &[]);
    check(
        &profile,
        "OBR|1\nOBX|1|NM|1^x||5\nOBX|2|ST|1^x||text|mg",
        &[("required", "OBX-6"), ("prohibited", "OBX[2]-6[1]")],
    );
    let unread = with_pid(vec![ElementRule {
        condition: Some(Condition {
            path: "the moon".to_owned(),
            ..Condition::default()
        }),
        ..element(6, Usage::C)
    }]);
    check(&unread, "PID|1||7", &[("unchecked", "PID")]);
    check(&with_pid(vec![element(6, Usage::C)]), "PID|1||7", &[]);
}

#[test]
fn groups() {
    let order = GroupRule {
        name: "ORDER_OBSERVATION".to_owned(),
        usage: Usage::R,
        max: Some(1),
        rules: vec![
            Rule::Segment(segment("OBR", Usage::R, vec![element(4, Usage::R)])),
            Rule::Segment(segment("ORC", Usage::X, vec![])),
            Rule::Group(GroupRule {
                name: "OBSERVATION".to_owned(),
                usage: Usage::R,
                rules: vec![Rule::Segment(segment("NTE", Usage::X, vec![]))],
                ..GroupRule::default()
            }),
        ],
        ..GroupRule::default()
    };
    let profile = Profile {
        message: Some("ORU^R01".to_owned()),
        rules: vec![
            Rule::Segment(segment("PID", Usage::R, vec![])),
            Rule::Group(order),
        ],
        ..Profile::default()
    };
    check(&profile, "PID|1\nOBR|1|||c\nNTE|1\nOBX|1", &[]);
    check(
        &profile,
        "PID|1\nORC|1\nOBR|1\nOBX|1\nNTE|1\nOBR|2|||c",
        &[
            ("prohibited", "ORC"),
            ("required", "OBR-4"),
            ("prohibited", "NTE"),
            ("cardinality", "PATIENT_RESULT[1]/ORDER_OBSERVATION[2]"),
            ("required", "PATIENT_RESULT[1]/ORDER_OBSERVATION[2]/OBSERVATION"),
        ],
    );
    check(&profile, "PID|1", &[("required", "ORDER_OBSERVATION")]);
    let other = Profile {
        message: Some("ADT^A01".to_owned()),
        ..Profile::default()
    };
    check(&other, "PID|1", &[("message", "MSH-9")]);
}

#[cfg(feature = "profile")]
mod files {
    use super::*;
    use ehr_hl7v2::definitions::Version;
    use ehr_hl7v2::profile::ProfileError;

    #[test]
    fn json_reads_back() {
        let text = r#"{ "name": "p", "version": "2.5.1", "message": "ORU^R01", "tables": { "t": ["a"] }, "rules": [
            { "segment": "PID", "usage": "R", "max": 1, "fields": [
              { "position": 3, "usage": "R", "parts": [{ "position": 1, "usage": "RE", "table": "t" }] } ] },
            { "group": "ORDER_OBSERVATION", "usage": "C", "condition": { "path": "PID-3" }, "rules": [] } ] }"#;
        let profile = Profile::from_json(text).unwrap();
        assert_eq!(profile.version, Some(Version::V2_5_1));
        assert!(matches!(&profile.rules[1], Rule::Group(group) if group.usage == Usage::C));
        assert_eq!(
            Profile::from_json(&profile.to_json().unwrap()),
            Ok(profile.clone())
        );
        check(
            &profile,
            "PID|1||b",
            &[("code", "PID-3[1].1"), ("required", "ORDER_OBSERVATION")],
        );
        for wrong in [
            "",
            "[]",
            r#"{ "rules": [{ "segmnt": "PID" }] }"#,
            r#"{ "version": "3.0" }"#,
        ] {
            assert!(
                matches!(Profile::from_json(wrong), Err(ProfileError::Json { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn xml_of_the_standard_is_read() {
        let text = r#"<?xml version="1.0"?>
            <HL7v2xConformanceProfile HL7Version="2.5.1" ProfileType="Constrainable">
              <MetaData Name="Riverside results" OrgName="Riverside"/>
              <HL7v2xStaticDef MsgType="ORU" EventType="R01" MsgStructID="ORU_R01" Role="Sender">
                <Segment Name="MSH" Usage="R" Min="1" Max="1">
                  <Field Name="Field Separator" Usage="R" Min="1" Max="1" Datatype="ST" Length="1" ConstantValue="|"/>
                </Segment>
                <SegGroup Name="PATIENT_RESULT" Usage="R" Min="1" Max="*">
                  <SegGroup Name="PATIENT" Usage="R" Min="1" Max="1">
                    <Segment Name="PID" Usage="R" Min="1" Max="1">
                      <Field Name="Set ID" Usage="O" Min="0" Max="1" Datatype="SI" Length="4"/>
                      <Field Name="Patient ID" Usage="X" Min="0" Max="0" Datatype="CX"/>
                      <Field Name="Identifiers" Usage="R" Min="1" Max="*" Datatype="CX" Length="250">
                        <Reference>3.4.2.3</Reference>
                        <Component Name="ID" Usage="R" Datatype="ST" Length="15"/>
                        <Component Name="Check &amp; digit" Usage="C(X/O)" Datatype="ST"/>
                      </Field>
                    </Segment>
                  </SegGroup>
                </SegGroup>
              </HL7v2xStaticDef>
            </HL7v2xConformanceProfile>"#;
        let profile = Profile::from_xml(text).unwrap();
        assert_eq!(profile.name, "Riverside results");
        assert_eq!(profile.message.as_deref(), Some("ORU^R01^ORU_R01"));
        assert_eq!(profile.version, Some(Version::V2_5_1));
        check(&profile, "PID|1||7\nOBR|1", &[]);
        check(
            &profile,
            "PID|x|2|^5\nOBR|1",
            &[
                ("datatype", "PID-1[1]"),
                ("prohibited", "PID-2[1]"),
                ("required", "PID-3[1].1"),
            ],
        );
        check(&profile, "OBR|1", &[("required", "PATIENT_RESULT[1]/PATIENT")]);
        for (wrong, error) in [
            ("<a/>", "NoDefinition"),
            ("<a></b>", "Xml"),
            (
                "<HL7v2xStaticDef><Segment Name='PID' Usage='Q'/></HL7v2xStaticDef>",
                "Attribute",
            ),
            (
                "<HL7v2xStaticDef><Segment Name='PID' Max='many'/></HL7v2xStaticDef>",
                "Attribute",
            ),
        ] {
            let found = Profile::from_xml(wrong).unwrap_err();
            assert!(format!("{found:?}").starts_with(error), "{wrong}: {found:?}");
        }
        let deep = "<a>".repeat(100_000);
        assert!(matches!(
            Profile::from_xml(&deep),
            Err(ProfileError::Depth { .. })
        ));
    }
}
