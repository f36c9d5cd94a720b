//! FHIR ConceptMaps as terminologies of the merge.

use ehr_fhir::r4::{Bundle, ConceptMap as Resource, ConceptMapGroupElementTarget, Resource as AnyResource};
use ehr_fhir::{ParseOptions, Str};
use ehr_merge::{ConceptMap, Relation};
use ehr_model::ImportError;
use ehr_types::{Coding, Finding, SourceLocation};

/// What [`import_concept_map`] gives.
#[derive(Clone, Debug, Default)]
pub struct ConceptMapImport {
    /// The relations, for [`Policy::equivalences`](ehr_merge::Policy::equivalences).
    pub map: ConceptMap,
    /// Everything noticed, the targets among it that state no relation between two codes.
    pub findings: Vec<Finding>,
}

/// Reads a [FHIR ConceptMap](https://hl7.org/fhir/R4/conceptmap.html), or a Bundle of them, as JSON.
///
/// R4's `equivalence` and R5's `relationship` are both read. A target with `dependsOn` only holds together with other
/// codes, which the merge does not look at: it is left out, with a finding.
///
/// ```
/// let json = br#"{"resourceType":"ConceptMap","status":"active","group":[{
///     "source":"urn:id:DELTALAB:LIS:L","target":"http://loinc.org",
///     "element":[{"code":"K","target":[{"code":"2823-3","equivalence":"equivalent"}]}]}]}"#;
/// let read = ehr::import_concept_map(json)?;
/// assert_eq!((read.map.len(), read.findings.len()), (1, 0));
///
/// let mut policy = ehr::merge::Policy::default();
/// policy.equivalences.push(Box::new(read.map));
/// # Ok::<(), ehr::model::ImportError>(())
/// ```
///
/// # Errors
/// [`ImportError::Unreadable`] when it is not JSON, or neither a ConceptMap nor a Bundle with one.
pub fn import_concept_map(bytes: &[u8]) -> Result<ConceptMapImport, ImportError> {
    let unreadable = |message: &'static str| {
        ImportError::Unreadable(Finding::fatal(
            "concept-map.unreadable",
            SourceLocation::default(),
            message,
        ))
    };
    let parsed = ehr_fhir::parse_resource(bytes, &ParseOptions::default()).map_err(|error| {
        let worst = error.findings.into_iter().max_by_key(|finding| finding.severity);
        worst.map_or_else(|| unreadable("not JSON"), ImportError::Unreadable)
    })?;
    let mut read = ConceptMapImport {
        map: ConceptMap::default(),
        findings: parsed.findings,
    };
    match &parsed.value {
        AnyResource::ConceptMap(resource) => read.add(resource, "ConceptMap"),
        AnyResource::Bundle(bundle) if read.add_all(bundle) > 0 => {}
        _ => return Err(unreadable("neither a ConceptMap nor a Bundle with one")),
    }
    Ok(read)
}

impl ConceptMapImport {
    /// Takes in every ConceptMap of a Bundle and returns their number.
    fn add_all(&mut self, bundle: &Bundle) -> usize {
        let mut count = 0;
        for (index, entry) in bundle.entry.iter().enumerate() {
            if let Some(AnyResource::ConceptMap(resource)) = &entry.resource {
                self.add(resource, &format!("Bundle.entry[{index}].resource"));
                count += 1;
            }
        }
        count
    }

    fn add(&mut self, resource: &Resource, root: &str) {
        for (at, group) in resource.group.iter().enumerate() {
            for (of, element) in group.element.iter().enumerate() {
                for (to, target) in element.target.iter().enumerate() {
                    let path = format!("{root}.group[{at}].element[{of}].target[{to}]");
                    let source = coding(group.source.as_ref(), element.code.as_ref());
                    let other = coding(group.target.as_ref(), target.code.as_ref());
                    self.relate(&source, &other, target, path);
                }
            }
        }
    }

    fn relate(
        &mut self,
        source: &Coding,
        other: &Coding,
        target: &ConceptMapGroupElementTarget,
        path: String,
    ) {
        let mut left_out = |code: &'static str, message: &'static str| {
            self.findings
                .push(Finding::warning(code, SourceLocation::new(path.clone()), message));
        };
        let relation = match stated(target).as_deref().map(concept_map_relation) {
            Some(Some(relation)) => relation,
            Some(None) => {
                return left_out(
                    "concept-map.relation",
                    "the relation of the codes is not one of FHIR's",
                );
            }
            None => return left_out("concept-map.relation", "how the codes relate is not said"),
        };
        if !target.depends_on.is_empty() {
            return left_out(
                "concept-map.depends-on",
                "holds only together with other codes; not used",
            );
        }
        if relation != Relation::Unknown && !self.map.insert(source, other, relation) {
            left_out("concept-map.code", "a code or the system of one is missing");
        }
    }
}

fn coding(system: Option<&Str>, code: Option<&Str>) -> Coding {
    Coding {
        system: system.map(ToString::to_string),
        code: code.map(ToString::to_string),
        ..Coding::default()
    }
}

/// The relation as R4 (`equivalence`) or R5 (`relationship`) writes it.
fn stated(target: &ConceptMapGroupElementTarget) -> Option<String> {
    let of_r5 = || {
        let members = target.extra.as_ref()?.raw_members();
        let member = members.iter().find(|member| &*member.name == "relationship")?;
        Some(member.json.trim_matches('"').to_owned())
    };
    let equivalence = target.equivalence.as_ref();
    equivalence.map(|code| code.as_str().to_owned()).or_else(of_r5)
}

/// The relation from source to target that a code of [ConceptMapEquivalence](https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html)
/// or of R5's ConceptMapRelationship states. FHIR R4 says what the *target* is: a `wider` target has a narrower source.
/// [`Relation::Unknown`] for `unmatched`, which states none; `None` for a text that is no such code.
///
/// ```
/// use ehr::merge::Relation;
/// assert_eq!(ehr::concept_map_relation("wider"), Some(Relation::Narrower));
/// assert_eq!(ehr::concept_map_relation("source-is-narrower-than-target"), Some(Relation::Narrower));
/// assert_eq!(ehr::concept_map_relation("similar"), None);
/// ```
pub fn concept_map_relation(code: &str) -> Option<Relation> {
    Some(match code {
        "equivalent" | "equal" => Relation::Same,
        "wider" | "subsumes" | "source-is-narrower-than-target" => Relation::Narrower,
        "narrower" | "specializes" | "source-is-broader-than-target" => Relation::Broader,
        "relatedto" | "inexact" | "related-to" => Relation::Related,
        "disjoint" | "not-related-to" => Relation::Different,
        "unmatched" => Relation::Unknown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use ehr_merge::Equivalence as _;

    use super::*;

    fn read(targets: &str) -> ConceptMapImport {
        let json = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"ConceptMap","status":"active",
            "group":[{{"source":"urn:a","target":"urn:b","element":[{{"code":"1","target":[{targets}]}}]}}]}}}}]}}"#
        );
        import_concept_map(json.as_bytes()).unwrap()
    }

    #[test]
    fn both_generations_of_fhir_are_read() {
        for (target, expected) in [
            (r#"{"code":"x","equivalence":"equivalent"}"#, Relation::Same),
            (r#"{"code":"x","equivalence":"wider"}"#, Relation::Narrower),
            (
                r#"{"code":"x","relationship":"source-is-broader-than-target"}"#,
                Relation::Broader,
            ),
            (r#"{"code":"x","equivalence":"disjoint"}"#, Relation::Different),
        ] {
            let read = read(target);
            let (a, b) = (Coding::new("urn:a", "1"), Coding::new("urn:b", "x"));
            assert_eq!(read.map.relate(&a, &b), expected, "{target}");
            assert_eq!(read.map.relate(&b, &a), expected.reversed(), "{target}");
        }
    }

    #[test]
    fn what_states_no_relation_is_reported() {
        let read = read(
            r#"{"code":"x"},{"equivalence":"equal"},{"code":"y","equivalence":"alike"},{"equivalence":"unmatched"},
               {"code":"z","equivalence":"equal","dependsOn":[{"property":"p","value":"v"}]}"#,
        );
        assert!(read.map.is_empty());
        let own = read
            .findings
            .iter()
            .filter(|finding| finding.code.starts_with("concept-map."));
        let found: Vec<_> = own
            .map(|finding| (&*finding.code, finding.location.path.as_str()))
            .collect();
        let at = |index: usize| format!("Bundle.entry[0].resource.group[0].element[0].target[{index}]");
        let expected = [at(0), at(1), at(2), at(4)];
        assert_eq!(
            found,
            [
                ("concept-map.relation", expected[0].as_str()),
                ("concept-map.code", &expected[1]),
                ("concept-map.relation", &expected[2]),
                ("concept-map.depends-on", &expected[3]),
            ]
        );
    }

    #[test]
    fn other_things_are_refused() {
        for json in [
            "",
            "{}",
            r#"{"resourceType":"Patient"}"#,
            r#"{"resourceType":"Bundle","type":"collection"}"#,
        ] {
            assert!(import_concept_map(json.as_bytes()).is_err(), "{json}");
        }
    }
}
