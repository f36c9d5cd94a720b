//! Documents of one section with one entry.

use ehr_ccda::import;
use ehr_model::{Chart, Import, ImportOptions, Record, Source};

/// What is made of a document with these sections, of the patient Rebecca Larson.
pub(crate) fn imported(sections: &str) -> Import {
    let source = format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\
         <effectiveTime value='20240601'/><recordTarget><patientRole><id root='1.2.3' extension='A1'/><patient><name><given>Rebecca</given>\
         <family>Larson</family></name><birthTime value='19700501'/></patient></patientRole></recordTarget><component><structuredBody>\
         {sections}</structuredBody></component></ClinicalDocument>"
    );
    import(source.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap()
}

/// The items, each in an element of that name.
pub(crate) fn each(element: &str, items: &[impl AsRef<str>]) -> String {
    let wrapped = |item: &_| format!("<{element}>{}</{element}>", AsRef::<str>::as_ref(item));
    items.iter().map(wrapped).collect::<Vec<_>>().concat()
}

/// A section with this LOINC code, these parts before its entries, and these statements.
pub(crate) fn part(code: &str, before: &str, statements: &[&str]) -> String {
    let entries = each("entry", statements);
    format!(
        "<component><section><code code='{code}' codeSystem='2.16.840.1.113883.6.1'/>{before}{entries}</section></component>"
    )
}

/// How often a finding was made.
pub(crate) fn findings(import: &Import, code: &str) -> usize {
    import
        .findings
        .iter()
        .filter(|finding| finding.code == code)
        .count()
}

/// The chart of a document whose only section has this LOINC code, this narrative and this entry.
pub(crate) fn told(code: &str, narrative: &str, entry: &str) -> Chart {
    let source = format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><component><structuredBody>\
         <component><section><code code='{code}' codeSystem='2.16.840.1.113883.6.1'/><text>{narrative}</text><entry>{entry}</entry>\
         </section></component></structuredBody></component></ClinicalDocument>"
    );
    import(source.as_bytes(), &ImportOptions::new(Source::new("s")))
        .unwrap()
        .charts
        .remove(0)
}

/// As [`told`], without narrative.
pub(crate) fn section(code: &str, entry: &str) -> Chart {
    told(code, "", entry)
}

/// The records of a class.
pub(crate) fn all<'c, T>(chart: &'c Chart, pick: impl Fn(&'c Record) -> Option<&'c T>) -> Vec<&'c T> {
    chart
        .entries
        .iter()
        .filter_map(|entry| pick(&entry.record))
        .collect()
}

/// The only record of a class.
pub(crate) fn only<'c, T>(chart: &'c Chart, pick: impl Fn(&'c Record) -> Option<&'c T>) -> &'c T {
    let found = all(chart, pick);
    assert_eq!(found.len(), 1);
    found[0]
}
