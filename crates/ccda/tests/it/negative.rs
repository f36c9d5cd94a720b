//! ONC negative tests: each is readable, and the check finds the one thing that is wrong.

use ehr_ccda::import;
use ehr_model::{ImportOptions, RecordClass, Source};

use crate::corpus::{corpus, files};

#[test]
fn negative_documents_are_read_and_their_fault_is_named() {
    let Some(corpus) = corpus() else { return };
    let expected: &[(&str, &[&str])] = &[
        ("NT_Bad_AllergySectionCode", &["ccda.check.section.code"]),
        ("NT_Bad_MedicationSectionCode", &["ccda.check.section.code"]),
        ("NT_Bad_ProblemSectionCode", &["ccda.check.section.code"]),
        (
            "NT_Bad_DocTypeId",
            &["ccda.check.type-id", "ccda.check.template-id"],
        ),
        ("NT_Bad_EthnicityCode", &["ccda.check.patient.ethnicity"]),
        ("NT_Bad_RaceCodeSystem", &["ccda.check.patient.race"]),
        ("NT_Missing_PatientLastName", &["ccda.check.name.family"]),
        ("NT_Missing_PatientName", &["ccda.check.patient.name"]),
        (
            "NT_Bad_ProblemConcernElements",
            &[
                "ccda.check.concern.status",
                "ccda.check.concern.code",
                "ccda.check.concern.time",
            ],
        ),
        (
            "NT_Bad_ProblemObservationElements",
            &["ccda.check.observation.value", "ccda.check.observation.status"],
        ),
        (
            "NT_Bad_AllergyIntoleranceObservationElements",
            &["ccda.check.observation.value", "ccda.check.observation.status"],
        ),
    ];
    let mut ran = 0;
    let mut missed = Vec::new();
    for path in files(&corpus.join("onc-cures")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("NT_") {
            continue;
        }
        ran += 1;
        let done = import(
            &std::fs::read(&path).unwrap(),
            &ImportOptions::new(Source::new("nt")),
        )
        .unwrap();
        let chart = &done.charts[0];
        assert!(chart.of_class(RecordClass::Patient).count() == 1, "{name}");
        assert!(
            chart.entries.len() > 20,
            "{name}: {} entries",
            chart.entries.len()
        );
        for finding in &done.findings {
            assert!(finding.location.span.is_some(), "{name}: {finding}");
        }
        let list: Vec<_> = done
            .findings
            .iter()
            .filter(|f| f.code.starts_with("ccda.check"))
            .map(|f| format!("{f}"))
            .collect();
        println!(
            "{name}: {} findings\n  {}",
            list.len(),
            list.iter().take(12).cloned().collect::<Vec<_>>().join("\n  ")
        );
        if let Some((_, codes)) = expected.iter().find(|(prefix, _)| name.starts_with(prefix))
            && !done
                .findings
                .iter()
                .any(|finding| codes.contains(&&*finding.code))
        {
            missed.push(name);
        }
    }
    println!("{ran} negative documents");
    assert!(missed.is_empty(), "{missed:?}");
}
