//! Charts out as one Bundle.

use std::collections::{BTreeMap, BTreeSet};

use ehr_fhir::r4::{Bundle, BundleEntry, Meta, Resource};
use ehr_fhir::{
    Many, ParseOptions, ReferenceTarget, export_chart, for_each_reference, parse_resource, to_json_string,
};
use ehr_model::{Chart, digest};

/// Charts as one FHIR R4 Bundle of type collection: [`ehr_fhir::export_chart`] for each, with what several
/// charts share (practitioners, organizations) written once.
///
/// Different resources that have one `fullUrl` (a source that gives two patients' problems the same id) are all written:
/// the later ones get a number behind it, and the references of their own chart follow. The Bundle has the security labels,
/// profiles and tags of all.
///
/// ```
/// use ehr::model::{ImportOptions, Source};
/// let bytes = br#"{"resourceType":"Patient","id":"a","gender":"female"}"#;
/// let import = ehr::import(bytes, &ImportOptions::new(Source::new("clinic")))?;
/// let bundle = ehr::export_charts(&import.charts);
/// assert_eq!(bundle.entry.len(), 1);
/// # Ok::<(), ehr::model::ImportError>(())
/// ```
pub fn export_charts(charts: &[Chart]) -> Bundle {
    let mut bundles = charts.iter().map(export_chart);
    let Some(mut whole) = bundles.next() else {
        return export_chart(&Chart::new(ehr_model::Source::default()));
    };
    if charts.len() == 1 {
        return whole;
    }
    let mut written = Written::default();
    for entry in &whole.entry {
        if let Some(url) = &entry.full_url {
            written.place(url, entry.resource.as_ref());
        }
    }
    for bundle in bundles {
        if let Some(meta) = bundle.meta {
            add_meta(whole.meta.get_or_insert_default(), *meta);
        }
        let from = whole.entry.len();
        let mut renamed = Renamed::default();
        for mut entry in bundle.entry {
            if let Some(url) = &entry.full_url {
                let place = written.place(url, entry.resource.as_ref());
                if place.url != **url {
                    renamed.add(url, entry.resource.as_ref(), &place.url);
                }
                if place.is_known {
                    continue;
                }
                entry.full_url = Some(place.url.into());
            }
            whole.entry.push(entry);
        }
        for entry in whole.entry.iter_mut().skip(from) {
            renamed.follow(entry);
        }
    }
    whole
}

/// What one of the charts says of itself holds for the whole.
fn add_meta(to: &mut Meta, from: Meta) {
    fn add<T: PartialEq>(to: &mut Many<T>, from: Many<T>) {
        for item in from {
            if !to.contains(&item) {
                to.push(item);
            }
        }
    }
    add(&mut to.security, from.security);
    add(&mut to.profile, from.profile);
    add(&mut to.tag, from.tag);
}

/// What stands under each `fullUrl`.
#[derive(Default)]
struct Written {
    urls: BTreeSet<String>,
    /// By the `fullUrl` that resources came with and the digest of each, the one under which it stands.
    contents: BTreeMap<String, BTreeMap<String, String>>,
    /// The number to try next.
    next: BTreeMap<String, usize>,
}

/// Where a resource stands.
struct Place {
    url: String,
    /// Whether it stands there already.
    is_known: bool,
}

impl Written {
    fn place(&mut self, url: &str, resource: Option<&Resource>) -> Place {
        let same_url = self.contents.entry(url.to_owned()).or_default();
        let content = content(resource);
        if let Some(known) = same_url.get(&content) {
            return Place {
                url: known.clone(),
                is_known: true,
            };
        }
        let mut free = url.to_owned();
        while !self.urls.insert(free.clone()) {
            let next = self.next.entry(url.to_owned()).or_insert(2);
            free = format!("{url}-{next}");
            *next += 1;
        }
        same_url.insert(content, free.clone());
        Place {
            url: free,
            is_known: false,
        }
    }
}

fn content(resource: Option<&Resource>) -> String {
    let json = resource.map(to_json_string).unwrap_or_default();
    digest(&[json.as_bytes()])
}

/// The resources of one chart that have another `fullUrl` than they came with.
#[derive(Default)]
struct Renamed {
    by_url: BTreeMap<String, String>,
    /// By `Type/id`.
    by_name: BTreeMap<String, String>,
}

impl Renamed {
    fn add(&mut self, url: &str, resource: Option<&Resource>, other: &str) {
        self.by_url.insert(url.to_owned(), other.to_owned());
        if let Some((type_, id)) =
            resource.and_then(|resource| Some((resource.resource_type(), resource.id()?)))
        {
            self.by_name.insert(format!("{type_}/{id}"), other.to_owned());
        }
    }

    /// Where a reference leads now, when that is not where it says.
    fn of(&self, literal: &str) -> Option<&String> {
        match ReferenceTarget::parse(literal) {
            ReferenceTarget::Literal {
                base: None,
                resource_type,
                id,
                ..
            } => self.by_name.get(&format!("{resource_type}/{id}")),
            ReferenceTarget::Literal { .. } => {
                let unversioned = literal.split_once("/_history/").map_or(literal, |(head, _)| head);
                self.by_url.get(unversioned)
            }
            ReferenceTarget::Uri(uri) => self.by_url.get(uri),
            _ => None,
        }
    }

    fn follow(&self, entry: &mut BundleEntry) {
        let Some(resource) = &mut entry.resource else {
            return;
        };
        if self.by_url.is_empty() {
            return;
        }
        let mut moved: BTreeMap<String, &str> = BTreeMap::new();
        for_each_reference(resource, &mut |_, reference| {
            if let Some(literal) = reference.reference.as_deref()
                && let Some(other) = self.of(literal)
            {
                moved.insert(literal.to_owned(), other);
            }
        });
        if moved.is_empty() {
            return;
        }
        // A quotation mark inside a string is escaped: these words can only be a member and its value.
        let mut json = to_json_string(resource);
        for (literal, other) in moved {
            json = json.replace(&member(&literal), &member(other));
        }
        let options = ParseOptions {
            keep_order: true,
            ..ParseOptions::default()
        };
        if let Ok(parsed) = parse_resource(json.as_bytes(), &options) {
            *resource = parsed.value;
        }
    }
}

fn member(reference: &str) -> String {
    format!("\"reference\":\"{reference}\"")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ehr_fhir::{ReferenceIndex, Resolution};
    use ehr_model::{ImportOptions, Source};
    use proptest::prelude::*;

    use super::*;

    fn exported(json: &str) -> Bundle {
        let import = crate::import(json.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap();
        export_charts(&import.charts)
    }

    fn bundle(resources: &[String]) -> String {
        let entries: Vec<String> = resources
            .iter()
            .map(|resource| format!("{{\"resource\":{resource}}}"))
            .collect();
        format!(
            "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{}]}}",
            entries.join(",")
        )
    }

    #[test]
    fn resources_of_one_id_are_all_written_and_found() {
        let resources = [
            r#"{"resourceType":"Patient","id":"a"}"#,
            r#"{"resourceType":"Condition","id":"c","code":{"text":"Asthma"},"subject":{"reference":"Patient/a"}}"#,
            r#"{"resourceType":"Patient","id":"b"}"#,
            r#"{"resourceType":"Condition","id":"c","code":{"text":"Gout"},"subject":{"reference":"Patient/b"}}"#,
            r#"{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/b"},
                "diagnosis":[{"condition":{"reference":"Condition/c"}}]}"#,
        ];
        let out = exported(&bundle(&resources.map(str::to_owned)));
        assert_eq!(out.entry.len(), 5);
        let index = ReferenceIndex::new(&out);
        let at = out
            .resources()
            .position(|resource| resource.resource_type() == "Encounter")
            .unwrap();
        let Some(Resource::Encounter(encounter)) = out.entry[at].resource.as_ref() else {
            panic!("an Encounter");
        };
        let literal = encounter.diagnosis[0].condition.as_ref().unwrap();
        let found = index.resolve(literal.reference.as_deref().unwrap(), Some(at));
        let Resolution::Found(Resource::Condition(condition)) = found else {
            panic!("{found:?}");
        };
        assert_eq!(
            condition.code.as_ref().unwrap().text.as_deref(),
            Some("Gout"),
            "the chart's own"
        );
    }

    #[test]
    fn what_is_not_written_again_is_still_what_is_referred_to() {
        let chart = |patient: &str, organization: &str| {
            let json = bundle(&[
                format!(
                    r#"{{"resourceType":"Patient","id":"{patient}","managingOrganization":{{"reference":"Organization/o"}}}}"#
                ),
                format!(r#"{{"resourceType":"Organization","id":"o","name":"{organization}"}}"#),
            ]);
            let options = ImportOptions::new(Source::new("s"));
            crate::import(json.as_bytes(), &options).unwrap().charts.remove(0)
        };
        let out = export_charts(&[chart("a", "X"), chart("b", "Y"), chart("c", "Y")]);
        assert_eq!(out.entry.len(), 5, "three patients, two organizations");
        let index = ReferenceIndex::new(&out);
        let mut names = Vec::new();
        for (at, resource) in out.resources().enumerate() {
            if let Resource::Patient(patient) = resource {
                let keeper = patient.managing_organization.as_ref().unwrap();
                let found = index.resolve(keeper.reference.as_deref().unwrap(), Some(at));
                let Resolution::Found(Resource::Organization(organization)) = found else {
                    panic!("{found:?}");
                };
                names.push(organization.name.as_deref().unwrap().to_owned());
            }
        }
        assert_eq!(names, ["X", "Y", "Y"]);
    }

    #[test]
    fn labels_and_tags_of_every_chart_are_those_of_the_whole() {
        let chart = |patient: &str, meta: &str| {
            let json = format!(
                r#"{{"resourceType":"Bundle","meta":{meta},"type":"collection","entry":[
                {{"resource":{{"resourceType":"Patient","id":"{patient}"}}}}]}}"#
            );
            let options = ImportOptions::new(Source::new(patient));
            crate::import(json.as_bytes(), &options).unwrap().charts.remove(0)
        };
        let degree = |code: &str| {
            format!(
                r#"{{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"{code}"}}"#
            )
        };
        let first = chart("a", "{}");
        let second = chart(
            "b",
            &format!(
                r#"{{"security":[{}],"tag":[{{"system":"urn:x","code":"t"}}]}}"#,
                degree("R")
            ),
        );
        let third = chart(
            "c",
            &format!(r#"{{"security":[{},{}]}}"#, degree("R"), degree("V")),
        );
        let meta = export_charts(&[first, second, third]).meta.unwrap();
        let codes = |list: &[ehr_fhir::r4::Coding]| -> Vec<String> {
            list.iter()
                .map(|coding| coding.code.as_deref().unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            (codes(&meta.security), codes(&meta.tag)),
            (vec!["R".to_owned(), "V".to_owned()], vec!["t".to_owned()])
        );
    }

    proptest! {
        #[test]
        fn no_resource_is_dropped(rows in prop::collection::vec((0..3u8, 0..3u8, 0..3u8, 0..3u8), 1..20)) {
            let resources: Vec<String> = rows
                .iter()
                .map(|(kind, id, of, text)| match kind {
                    0 => format!(r#"{{"resourceType":"Patient","id":"p{id}","gender":"g{text}"}}"#),
                    1 => format!(r#"{{"resourceType":"Organization","id":"o{id}","name":"n{text}"}}"#),
                    _ => format!(
                        r#"{{"resourceType":"Condition","id":"c{id}","code":{{"text":"t{text}"}},"subject":{{"reference":"Patient/p{of}"}}}}"#
                    ),
                })
                .collect();
            let distinct: BTreeSet<&String> = resources.iter().collect();
            let out = exported(&bundle(&resources));
            prop_assert!(out.entry.len() >= distinct.len());
            let urls: BTreeSet<String> = out.entry.iter().filter_map(|entry| entry.full_url.as_deref().map(str::to_owned)).collect();
            prop_assert_eq!(urls.len(), out.entry.len(), "each under a fullUrl of its own");
        }
    }
}
