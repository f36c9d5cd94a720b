//! What documents say beside their entries: sections in words alone.

use ehr::model::{Document, HealthRecord, NarrativeSection, Record};
use ehr::types::CodeableConcept;

/// Letters of a section in words that are shown; the Bundle holds the whole.
const LONGEST: usize = 1_000;

/// A section with words of which no entry was made: what it says is in no table.
pub(super) struct InWords<'m> {
    /// Id of the source.
    pub(super) source: &'m str,
    /// The part of the report that it belongs to; `None` for a section of another kind.
    pub(super) part: Option<&'static str>,
    /// Its title, where it has one.
    pub(super) title: &'m str,
    /// Its words, on one line.
    pub(super) text: String,
}

/// All sections in words alone, in the order of the charts.
pub(super) fn in_words(record: &HealthRecord) -> Vec<InWords<'_>> {
    let mut found = Vec::new();
    for chart in &record.charts {
        let records = chart.entries.iter().map(|entry| &entry.record);
        for section in records
            .filter_map(document)
            .flat_map(|document| &document.section)
        {
            look(section, &chart.source.id, &mut found);
        }
    }
    found
}

fn look<'m>(section: &'m NarrativeSection, source: &'m str, found: &mut Vec<InWords<'m>>) {
    if let Some(text) = section.text.as_deref().filter(|text| !text.trim().is_empty())
        && section.entry.is_empty()
    {
        found.push(InWords {
            source,
            part: section.code.as_ref().and_then(part),
            title: section.title.as_deref().unwrap_or("without a title"),
            text: shortened(text),
        });
    }
    for inner in &section.section {
        look(inner, source, found);
    }
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let rest = line.chars().count() - LONGEST;
            format!("{} … ({rest} letters more)", line.get(..end).unwrap_or(&line))
        }
        None => line,
    }
}

/// The part of the report that a kind of section (LOINC, as in C-CDA) belongs to.
fn part(code: &CodeableConcept) -> Option<&'static str> {
    code.codings.iter().find_map(|coding| {
        Some(match coding.code.as_deref()? {
            "48765-2" => "Allergies",
            "11450-4" | "11348-0" | "46241-6" | "11535-2" => "Problems",
            "10160-0" | "29549-3" | "10183-2" | "75311-1" | "42346-7" => "Medications",
            "11369-6" => "Vaccinations",
            "30954-2" | "8716-3" | "29762-2" | "47420-5" | "10190-7" => "Results and observations",
            "47519-4" => "Procedures",
            "46240-8" => "Visits",
            "18776-5" | "61146-7" | "85847-2" | "75310-3" => "Plans, goals and orders",
            "10157-6" => "Family history",
            "46264-8" => "Devices",
            "48768-6" => "Insurance and charges",
            _ => return None,
        })
    })
}

fn document(record: &Record) -> Option<&Document> {
    match record {
        Record::DocumentReference(document) => Some(document),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::SECTIONS;
    use super::*;

    #[test]
    fn a_section_belongs_to_a_part_of_the_report() {
        for code in [
            "48765-2", "11450-4", "10160-0", "11369-6", "30954-2", "47519-4", "46240-8", "18776-5", "48768-6",
        ] {
            let concept = CodeableConcept {
                codings: vec![ehr::types::Coding::new("http://loinc.org", code)],
                ..CodeableConcept::default()
            };
            assert!(SECTIONS.contains(&part(&concept).unwrap()), "{code}");
        }
    }

    #[test]
    fn long_words_are_cut_between_letters() {
        assert_eq!(shortened(" a\n b "), "a b");
        assert!(shortened(&"ä".repeat(1_500)).ends_with("ä … (500 letters more)"));
    }
}
