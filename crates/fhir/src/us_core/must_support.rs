//! How much of what US Core asks for a record has.

use super::presence::{Presence, presence};
use super::profiles::PROFILES;
use crate::r4::Resource;

/// How a profile asks for an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Obligation {
    /// Marked must-support: who holds the data gives it.
    MustSupport,
    /// Not must-support for all, but asked of certified systems ("additional USCDI requirement").
    Uscdi,
}

/// How many resources have one element that a profile asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The profile, by the last part of its URL: `us-core-patient`.
    pub profile: &'static str,
    /// The element or slice, by its id in the profile without the resource type: `name.family`, `value[x]`,
    /// `component:systolic.value[x]`, `extension:race`.
    pub element: &'static str,
    /// How the profile asks for it.
    pub obligation: Obligation,
    /// Resources that the profile is for.
    pub resources: usize,
    /// Those of them that have the element.
    pub present: usize,
    /// Those that say why they do not have it: with the extension or a code of `data-absent-reason`, or for the value of
    /// an Observation or its component with `dataAbsentReason`.
    pub absent_with_reason: usize,
}

impl Coverage {
    /// Resources that neither have the element nor say why not.
    pub fn absent(&self) -> usize {
        self.resources
            .saturating_sub(self.present + self.absent_with_reason)
    }
}

/// Reports, profile by profile, how many resources have each element that US Core 7.0.0 asks for.
///
/// A resource counts for the profiles that it names in `meta.profile` and for those that its content shows it is meant for:
/// a blood pressure by its code, a laboratory result by its category. A profile without a resource is left out, so that "no
/// such data" differs from "data without that element". Elements within an absent one are absent too, as when an
/// Encounter has no `hospitalization`.
///
/// ```
/// use ehr_fhir::{ParseOptions, parse_resource, us_core};
/// let patient = parse_resource(br#"{"resourceType":"Patient","name":[{"family":"Ng"}]}"#, &ParseOptions::default())?;
/// let report = us_core::must_support([&patient.value]);
/// let given = report.iter().find(|row| row.element == "name.given").unwrap();
/// assert_eq!((given.profile, given.resources, given.present, given.absent()), ("us-core-patient", 1, 0, 1));
/// # Ok::<(), ehr_fhir::ParseError>(())
/// ```
pub fn must_support<'a>(resources: impl IntoIterator<Item = &'a Resource>) -> Vec<Coverage> {
    let mut of_profile: Vec<Vec<&Resource>> = vec![Vec::new(); PROFILES.len()];
    for resource in resources {
        for (profile, list) in PROFILES.iter().zip(&mut of_profile) {
            if profile.is_for(resource) {
                list.push(resource);
            }
        }
    }
    let mut out = Vec::new();
    for (profile, resources) in PROFILES.iter().zip(of_profile) {
        if resources.is_empty() {
            continue;
        }
        for (obligation, element) in profile.elements() {
            let mut coverage = Coverage {
                profile: profile.name,
                element,
                obligation,
                resources: resources.len(),
                present: 0,
                absent_with_reason: 0,
            };
            for node in resources.iter().filter_map(|resource| resource.as_element()) {
                match presence(node, element, profile.slices) {
                    Presence::Present => coverage.present += 1,
                    Presence::Reasoned => coverage.absent_with_reason += 1,
                    Presence::Absent => {}
                }
            }
            out.push(coverage);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParseOptions, parse_resource};

    fn read(json: &str) -> Resource {
        parse_resource(json.as_bytes(), &ParseOptions::default())
            .unwrap()
            .value
    }

    fn row<'r>(report: &'r [Coverage], profile: &str, element: &str) -> &'r Coverage {
        let wanted = |row: &&Coverage| row.profile == profile && row.element == element;
        report.iter().find(wanted).unwrap()
    }

    #[test]
    fn coverage_counts_what_is_there_and_what_has_a_reason() {
        let resources = [
            read(r#"{"resourceType":"Patient","name":[{"family":"Ng"}],"birthDate":"1990"}"#),
            read(
                r#"{"resourceType":"Patient","_birthDate":{"extension":[{"url":
                "http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]},
                "extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":
                [{"url":"text","valueString":"White"}]}]}"#,
            ),
        ];
        let report = must_support(&resources);
        let of = |element: &str| {
            let row = row(&report, "us-core-patient", element);
            (row.resources, row.present, row.absent_with_reason, row.absent())
        };
        assert_eq!(of("name.family"), (2, 1, 0, 1));
        assert_eq!(of("name.given"), (2, 0, 0, 2));
        assert_eq!(of("birthDate"), (2, 1, 1, 0));
        assert_eq!(of("extension:race"), (2, 1, 0, 1));
        assert_eq!(
            row(&report, "us-core-patient", "extension:race").obligation,
            Obligation::Uscdi
        );
        assert!(report.iter().all(|row| row.profile == "us-core-patient"));
    }

    #[test]
    fn a_slice_is_looked_at_by_what_tells_it_apart() {
        let report = must_support(&[read(
            r#"{"resourceType":"Observation","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
            "component":[
            {"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120}},
            {"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"dataAbsentReason":{"text":"cuff too small"}}]}"#,
        )]);
        let of = |element: &str| {
            let row = row(&report, "us-core-blood-pressure", element);
            (row.present, row.absent_with_reason)
        };
        assert_eq!(of("component:systolic.value[x].value"), (1, 0));
        assert_eq!(of("component:systolic.value[x].unit"), (0, 0));
        assert_eq!(of("component:diastolic"), (1, 0));
        assert_eq!(of("component:diastolic.value[x]"), (0, 1));
        assert_eq!(of("category:VSCat"), (0, 0));
        // It has no category of vital signs, nor does it name that profile.
        assert!(report.iter().all(|row| row.profile == "us-core-blood-pressure"));
    }

    #[test]
    fn a_profile_that_is_named_counts() {
        let report = must_support(&[read(
            r#"{"resourceType":"Observation","meta":{"profile":
            ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-simple-observation|7.0.0"]},
            "code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"unknown"}]}}"#,
        )]);
        let row = row(&report, "us-core-simple-observation", "code");
        assert_eq!((row.present, row.absent_with_reason), (0, 1));
    }
}
