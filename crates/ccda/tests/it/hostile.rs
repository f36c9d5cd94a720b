//! Input that is not what it should be: encodings, prefixes, floods, depths.

use ehr_ccda::import;
use ehr_model::{Document, Import, ImportError, ImportOptions, Record, RecordClass, Source};

fn options() -> ImportOptions {
    ImportOptions::new(Source::new("h"))
}

fn read(bytes: &[u8]) -> Import {
    import(bytes, &options()).unwrap()
}

fn codes(import: &Import) -> Vec<&str> {
    import.findings.iter().map(|finding| &*finding.code).collect()
}

const BODY: &str = "<ClinicalDocument xmlns='urn:hl7-org:v3'><recordTarget><patientRole><id root='1.2' extension='7'/>\
                    <patient><name><given>Zoë</given><family>Núñez</family></name></patient></patientRole></recordTarget></ClinicalDocument>";

fn utf16(text: &str, bom: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = bom.then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(unit)
        .collect()
}

#[test]
fn a_name_is_the_same_in_every_encoding() {
    let latin: Vec<u8> = BODY
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let declared = |name: &str| format!("<?xml version='1.0' encoding='{name}'?>");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("utf-8", BODY.as_bytes().to_vec()),
        ("utf-8 with mark", [b"\xEF\xBB\xBF", BODY.as_bytes()].concat()),
        ("utf-16le with mark", utf16(BODY, true, u16::to_le_bytes)),
        ("utf-16be with mark", utf16(BODY, true, u16::to_be_bytes)),
        ("utf-16le", utf16(BODY, false, u16::to_le_bytes)),
        ("utf-16be", utf16(BODY, false, u16::to_be_bytes)),
        (
            "windows-1252",
            [declared("windows-1252").as_bytes(), &latin].concat(),
        ),
        ("latin 1", [declared("ISO-8859-1").as_bytes(), &latin].concat()),
        (
            "windows-1252 that says utf-8",
            [declared("UTF-8").as_bytes(), &latin].concat(),
        ),
        ("windows-1252 that says nothing", latin.clone()),
        (
            "utf-8 that says utf-16",
            [declared("utf-16").as_bytes(), BODY.as_bytes()].concat(),
        ),
        (
            "utf-8 that says nonsense",
            [declared("x-none").as_bytes(), BODY.as_bytes()].concat(),
        ),
        ("utf-8 after a line", [b"\n ", BODY.as_bytes()].concat()),
        (
            "utf-8 with declaration after a line",
            [format!("\n{}", declared("utf-8")).as_bytes(), BODY.as_bytes()].concat(),
        ),
    ];
    for (case, bytes) in cases {
        let import = read(&bytes);
        let patient = import.charts[0].patient().unwrap();
        assert_eq!(patient.name[0].given, ["Zoë"], "{case}");
        assert_eq!(patient.name[0].family.as_deref(), Some("Núñez"), "{case}");
        let entry = import.charts[0].of_class(RecordClass::Patient).next().unwrap();
        let span = entry.origin.location.span.unwrap();
        assert!(span.start < span.end && span.end <= bytes.len(), "{case}");
    }
}

#[test]
fn prefixes_and_their_absence_change_nothing() {
    let bare = BODY.replace(" xmlns='urn:hl7-org:v3'", "");
    let prefixed = BODY
        .replace("</", "</x:")
        .replace('<', "<x:")
        .replace("<x:/x:", "</x:")
        .replace(
            "<x:ClinicalDocument xmlns='urn:hl7-org:v3'>",
            "<x:ClinicalDocument xmlns:x='urn:hl7-org:v3'>",
        );
    for source in [bare, prefixed] {
        let import = read(source.as_bytes());
        assert_eq!(
            import.charts[0].patient().unwrap().name[0].family.as_deref(),
            Some("Núñez"),
            "{source}"
        );
    }
}

#[test]
fn what_is_xml_but_no_cda_is_refused_with_a_place() {
    for source in [
        "<ContinuityOfCareRecord xmlns='urn:astm-org:CCR'><Patient/></ContinuityOfCareRecord>",
        "<Container><Patient><Name/></Patient></Container>",
        "<Bundle xmlns='http://hl7.org/fhir'/>",
    ] {
        let Err(ImportError::Unreadable(finding)) = import(source.as_bytes(), &options()) else {
            panic!("{source}")
        };
        assert_eq!(finding.code, "ccda.not-cda");
        assert_eq!(finding.location.line, Some(1));
    }
}

#[test]
fn a_second_patient_is_named_and_stays() {
    let second = "<recordTarget><patientRole><id root='1.2' extension='8'/><patient><name>Ann Other</name></patient></patientRole></recordTarget>";
    let source = BODY.replace("</ClinicalDocument>", &format!("{second}</ClinicalDocument>"));
    let import = read(source.as_bytes());
    assert!(codes(&import).contains(&"ccda.record-target.second"));
    let chart = &import.charts[0];
    assert_eq!(chart.of_class(RecordClass::Patient).count(), 1);
    let mut left = chart
        .residual
        .iter()
        .chain(chart.entries.iter().flat_map(|entry| &entry.residual));
    assert!(left.any(|leaf| leaf.content == "Ann Other"));
}

#[test]
fn a_document_that_is_a_file_keeps_the_file() {
    let source = "<ClinicalDocument xmlns='urn:hl7-org:v3'><component><nonXMLBody><text mediaType='application/pdf' representation='B64'>\
                  JVBE\n Ri0x</text></nonXMLBody></component></ClinicalDocument>";
    let import = read(source.as_bytes());
    let mut documents = import.charts[0]
        .entries
        .iter()
        .filter_map(|entry| match &entry.record {
            Record::DocumentReference(document) => Some(document),
            _ => None,
        });
    let document: &Document = documents.next().unwrap();
    assert_eq!(
        document.content[0].content_type.as_deref(),
        Some("application/pdf")
    );
    assert_eq!(document.content[0].data.as_deref(), Some("JVBERi0x"));
}

#[test]
fn entity_bombs_cost_nothing() {
    let source = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>"
        .to_owned()
        + &BODY.replace("Zoë", "&b;&c;");
    let import = read(source.as_bytes());
    assert_eq!(import.charts[0].patient().unwrap().name[0].given, ["&b;&c;"]);
    assert!(codes(&import).contains(&"ccda.xml.entity-declaration"));
}

#[test]
fn statements_in_statements_end_without_end_of_the_stack() {
    let names = [
        "act",
        "observation",
        "organizer",
        "procedure",
        "encounter",
        "substanceAdministration",
        "supply",
    ];
    let templates = [
        "2.16.840.1.113883.10.20.22.4.3",
        "2.16.840.1.113883.10.20.22.4.2",
        "2.16.840.1.113883.10.20.22.4.1",
        "2.16.840.1.113883.10.20.22.4.14",
        "2.16.840.1.113883.10.20.22.4.49",
        "2.16.840.1.113883.10.20.22.4.16",
        "2.16.840.1.113883.10.20.22.4.18",
    ];
    for (name, template) in names.into_iter().zip(templates) {
        let open = format!(
            "<{name}><templateId root='{template}'/><code code='x'/><entryRelationship typeCode='SUBJ'>"
        );
        let close = format!("</entryRelationship></{name}>");
        let source = format!(
            "<section xmlns='urn:hl7-org:v3'><entry>{}<{name}><code code='deepest'/></{name}>{}</entry></section>",
            open.repeat(120),
            close.repeat(120)
        );
        let import = read(source.as_bytes());
        assert!(codes(&import).contains(&"ccda.statement.depth"), "{name}");
        let chart = &import.charts[0];
        let mut left = chart
            .residual
            .iter()
            .chain(chart.entries.iter().flat_map(|entry| &entry.residual));
        assert!(left.any(|leaf| leaf.content == "deepest"), "{name}");
    }
}

#[test]
fn references_cannot_make_a_small_document_huge() {
    let words = "word ".repeat(40_000);
    let entry = "<entry><observation><code code='x'/><value xsi:type='ED'><reference value='#all'/></value></observation></entry>";
    let source = format!(
        "<section xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><text><content ID='all'>{words}</content></text>{}</section>",
        entry.repeat(400)
    );
    let import = read(source.as_bytes());
    assert!(codes(&import).contains(&"ccda.limit.references"));
    assert_eq!(import.charts[0].of_class(RecordClass::Observation).count(), 400);
    let copied = serde_json::to_string(&import.charts[0]).unwrap().len();
    assert!(copied < 20 * source.len() + (40 << 20), "{copied}");
}

#[test]
fn sections_and_organizers_of_many_statements_are_read_whole() {
    let observation = |i: usize| {
        format!(
            "<observation><code code='{i}' codeSystem='2.16.840.1.113883.6.1'/><value xsi:type='INT' value='{i}'/></observation>"
        )
    };
    let entries = (0..4_000)
        .map(|i| format!("<entry>{}</entry>", observation(i)))
        .collect::<Vec<_>>()
        .concat();
    let components = (4_000..8_000)
        .map(|i| format!("<component>{}</component>", observation(i)))
        .collect::<Vec<_>>()
        .concat();
    let source = format!(
        "<section xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><code code='30954-2'/>{entries}\
         <entry><organizer><code code='x'/>{components}</organizer></entry></section>"
    );
    let import = read(source.as_bytes());
    assert_eq!(import.charts[0].of_class(RecordClass::Observation).count(), 8_000);
}

#[test]
fn what_is_said_once_of_many_is_not_copied_without_end() {
    let many = |part: &dyn Fn(usize) -> String| (0..500).map(part).collect::<Vec<_>>().concat();
    let substances = many(&|i| {
        format!(
            "<participant typeCode='CSM'><participantRole><playingEntity><code code='{i}' codeSystem='1.2.3'/></playingEntity></participantRole></participant>"
        )
    });
    let reactions = many(&|i| {
        format!(
            "<entryRelationship typeCode='MFST'><observation><value xsi:type='CD' code='{i}' codeSystem='1.2.4'/></observation></entryRelationship>"
        )
    });
    let times = many(&|i| {
        format!(
            "<effectiveTime xsi:type='PIVL_TS'><period value='{}' unit='h'/></effectiveTime>",
            i + 1
        )
    });
    let routes = many(&|i| format!("<translation code='{i}' codeSystem='1.2.5'/>"));
    let source = format!(
        "<section xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><code code='48765-2'/>\
         <entry><observation>{substances}{reactions}</observation></entry>\
         <entry><substanceAdministration>{times}<routeCode code='x' codeSystem='1.2.5'>{routes}</routeCode></substanceAdministration></entry></section>"
    );
    let import = read(source.as_bytes());
    let copied = serde_json::to_string(&import.charts[0]).unwrap().len();
    assert!(copied < 40 * source.len(), "{copied} of {}", source.len());
    assert!(codes(&import).contains(&"ccda.gts.operator"));
}
