//! Who says what, as [Provenance](https://hl7.org/fhir/R4/provenance.html).

use std::collections::{BTreeMap, BTreeSet};

use ehr_model::{Chart, EntryId, Event, Format, Member, RecordClass, Reference, Source, attribute};
use ehr_types::{DateTime, Identifier};
use serde_json::Value;

use super::map::{Writer, each_written, is_empty, said};
use super::{extension, text, time};
use crate::element::{Element, Elements, Field, Node, Primitive, Primitives, Str, Visitor};
use crate::r4::{self, Resource};
use crate::to_json_string;

/// The element of a resource that a reference means, by its FHIRPath: <http://hl7.org/fhir/StructureDefinition/targetPath>.
const TARGET_PATH: &str = "http://hl7.org/fhir/StructureDefinition/targetPath";

/// Who recorded the entries of a chart that did not come from FHIR: a Provenance for each author and time, and one for
/// each event that told of entries.
pub(super) fn authorship(
    chart: &Chart,
    names: &BTreeMap<&EntryId, String>,
    writer: &Writer<'_>,
) -> Vec<r4::Provenance> {
    type Group<'a> = (&'a [Reference], Option<DateTime>, Vec<&'a EntryId>);
    let mut told = BTreeSet::new();
    for event in &chart.events {
        told.extend(&event.entries);
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: BTreeMap<(Vec<Words<'_>>, Option<DateTime>), usize> = BTreeMap::new();
    for entry in &chart.entries {
        let is_fhir = entry
            .original
            .as_ref()
            .is_some_and(|original| original.format == Format::FhirJson);
        let (authors, recorded) = (entry.origin.authors.as_slice(), entry.origin.recorded);
        // Without an author, the time is that of the event.
        let says = !authors.is_empty() || (recorded.is_some() && !told.contains(&entry.id));
        if is_fhir || !says {
            continue;
        }
        let place = places
            .entry((authors.iter().map(words).collect(), recorded))
            .or_insert(groups.len());
        match groups.get_mut(*place) {
            Some((_, _, targets)) => targets.push(&entry.id),
            None => groups.push((authors, recorded, vec![&entry.id])),
        }
    }
    groups
        .into_iter()
        .map(|(authors, recorded, targets)| {
            let mut agents: Vec<r4::ProvenanceAgent> = authors
                .iter()
                .filter_map(|author| agent(author, writer))
                .collect();
            if agents.is_empty() {
                agents.push(source_agent(&chart.source));
            }
            let mut out = r4::Provenance {
                target: targets
                    .iter()
                    .filter_map(|id| names.get(id))
                    .map(|name| local(name))
                    .collect(),
                agent: agents.into(),
                ..r4::Provenance::default()
            };
            set_recorded(&mut out, recorded);
            out
        })
        .chain(
            chart
                .events
                .iter()
                .map(|event| of_event(chart, event, names, writer)),
        )
        .collect()
}

/// All that a reference says, in an order.
type Words<'a> = (
    &'a Option<EntryId>,
    Option<RecordClass>,
    &'a Option<String>,
    &'a Option<Identifier>,
    &'a Option<String>,
);

fn words(of: &Reference) -> Words<'_> {
    (&of.target, of.class, &of.literal, &of.identifier, &of.display)
}

/// What happened, why, when and where, and what was told of it; the message that did so is the source.
pub(super) fn of_event(
    chart: &Chart,
    event: &Event,
    names: &BTreeMap<&EntryId, String>,
    writer: &Writer<'_>,
) -> r4::Provenance {
    let message = event.identifier.as_ref().map(|identifier| r4::ProvenanceEntity {
        role: Some(r4::ProvenanceEntityRole::Source),
        what: Some(Box::new(r4::Reference {
            identifier: said(identifier, writer),
            ..r4::Reference::default()
        })),
        ..r4::ProvenanceEntity::default()
    });
    // In a merged record several entries may have one name.
    let mut targets: BTreeSet<&str> = BTreeSet::new();
    for name in event.entries.iter().filter_map(|id| names.get(id)) {
        targets.insert(name);
    }
    let mut out = r4::Provenance {
        target: targets.into_iter().map(local).collect(),
        activity: event
            .activity
            .as_ref()
            .and_then(|activity| said(activity, writer)),
        reason: each_written(&event.reason, writer),
        location: event
            .location
            .as_ref()
            .and_then(|location| said(location, writer)),
        agent: [source_agent(&chart.source)].into(),
        entity: message.into_iter().collect(),
        ..r4::Provenance::default()
    };
    if let Some(time) = event.occurred {
        let (occurred, extension) = time::write_time(time);
        out.occurred = occurred.map(r4::ProvenanceOccurred::DateTime);
        out.extension.extend(extension);
    }
    set_recorded(&mut out, event.recorded);
    out
}

pub(super) fn local(name: &str) -> r4::Reference {
    r4::Reference {
        reference: Some(Str::new(name)),
        ..r4::Reference::default()
    }
}

pub(super) fn agent(author: &Reference, writer: &Writer<'_>) -> Option<r4::ProvenanceAgent> {
    Some(r4::ProvenanceAgent {
        who: Some(said(author, writer)?),
        r#type: Some(Box::new(participant_type("author"))),
        ..r4::ProvenanceAgent::default()
    })
}

pub(super) fn participant_type(code: &'static str) -> r4::CodeableConcept {
    r4::CodeableConcept {
        coding: [r4::Coding {
            system: Some(Str::new_static(
                "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
            )),
            code: Some(Str::new_static(code)),
            ..r4::Coding::default()
        }]
        .into(),
        ..r4::CodeableConcept::default()
    }
}

/// The source as an agent: by the names of its organization and system, and its id.
pub(super) fn source_agent(source: &Source) -> r4::ProvenanceAgent {
    let names: Vec<&str> = source
        .organization
        .as_deref()
        .into_iter()
        .chain(source.system.as_deref())
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let display = if names.is_empty() {
        source.id.clone()
    } else {
        names.join(" / ")
    };
    let mut who = r4::Reference {
        display: text::string(&display),
        ..r4::Reference::default()
    };
    if let Some(value) = text::string(&source.id) {
        who.identifier = Some(Box::new(r4::Identifier {
            system: Some(Str::new_static(extension::SOURCE)),
            value: Some(value),
            ..r4::Identifier::default()
        }));
    }
    if is_empty(&who) {
        who.extension_mut().push(extension::unknown());
    }
    r4::ProvenanceAgent {
        r#type: Some(Box::new(participant_type("custodian"))),
        who: Some(Box::new(who)),
        ..r4::ProvenanceAgent::default()
    }
}

/// `recorded` is required: the time that the data has, or that it has none.
pub(super) fn set_recorded(provenance: &mut r4::Provenance, recorded: Option<DateTime>) {
    provenance.recorded = time::put_instant(recorded, provenance, "recorded");
    if provenance.recorded.is_none() {
        extension::explain(provenance, "recorded", extension::unknown());
    }
}

/// The name by which a source knows a member.
pub(super) fn record_identifier(member: &Member) -> Option<Box<r4::Identifier>> {
    let value = text::string(&format!("{}#{}", member.source, member.key))?;
    Some(Box::new(r4::Identifier {
        system: Some(Str::new_static(extension::SOURCE_RECORD)),
        value: Some(value),
        ..r4::Identifier::default()
    }))
}

/// The values of merged resources that some of their sources say and others do not.
#[derive(Default)]
pub(super) struct SaidBySome<'a> {
    /// By source and resource, the paths of the values that the source says.
    paths: BTreeMap<&'a str, BTreeMap<String, Vec<String>>>,
}

impl<'a> SaidBySome<'a> {
    /// Takes in a resource under its name, and what each of its sources says in its place, in one or more trees.
    pub(super) fn add(&mut self, name: &str, resource: &Resource, said: Vec<(&'a str, Value)>) {
        let (sources, said): (Vec<&'a str>, Vec<Value>) = said.into_iter().unzip();
        let Ok(mut shown) = serde_json::from_str::<Value>(&to_json_string(resource)) else {
            return;
        };
        if let Some(members) = shown.as_object_mut() {
            members.remove("contained");
        }
        let all: BTreeSet<&str> = sources.iter().copied().collect();
        let choices = Choices::of(resource);
        for value in attribute(&shown, &said) {
            let sayers = value.members.iter().filter_map(|member| sources.get(*member));
            let sayers: BTreeSet<&'a str> = sayers.copied().collect();
            if sayers.len() == all.len() {
                continue;
            }
            let path = choices.fhir_path(resource.resource_type(), &value.path);
            for source in sayers {
                let paths = self.paths.entry(source).or_default();
                paths.entry(name.to_owned()).or_default().push(path.clone());
            }
        }
    }

    /// A Provenance for each source.
    pub(super) fn provenances(&self, charts: &[Chart]) -> Vec<r4::Provenance> {
        let of_source = |(id, resources): (&&str, &BTreeMap<String, Vec<String>>)| {
            let source = charts
                .iter()
                .map(|chart| &chart.source)
                .find(|source| source.id == **id)?;
            let target = resources.iter().map(|(name, paths)| {
                let mut target = local(name);
                let paths = paths.iter().map(|path| extension::string(TARGET_PATH, path));
                target.extension_mut().extend(paths);
                target
            });
            let mut out = r4::Provenance {
                target: target.collect(),
                agent: [source_agent(source)].into(),
                ..r4::Provenance::default()
            };
            set_recorded(&mut out, None);
            Some(out)
        };
        self.paths.iter().filter_map(of_source).collect()
    }
}

/// The names of choices that an element has somewhere, as they stand in JSON, and as they are in paths.
#[derive(Default)]
struct Choices(BTreeMap<&'static str, &'static str>);

impl Choices {
    fn of(resource: &Resource) -> Self {
        let mut found = Self::default();
        if let Some(element) = resource.as_element() {
            element.visit(&mut found);
        }
        found
    }

    fn note(&mut self, field: &'static Field) {
        if let Some(choice) = field.choice() {
            self.0.insert(field.name(), choice.trim_end_matches("[x]"));
        }
    }

    /// `onsetDateTime` of a Condition as `Condition.onset`; the members beside a primitive are below it.
    fn fhir_path(&self, resource_type: &str, path: &str) -> String {
        let mut out = resource_type.to_owned();
        for step in path.split('.') {
            let step = step.strip_prefix('_').unwrap_or(step);
            let (name, place) = step.split_at(step.find('[').unwrap_or(step.len()));
            out.push('.');
            out.push_str(self.0.get(name).copied().unwrap_or(name));
            out.push_str(place);
        }
        out
    }
}

impl Visitor for Choices {
    fn primitive(&mut self, field: &'static Field, _: Primitive<'_>) {
        self.note(field);
    }

    fn primitives(&mut self, _: &'static Field, _: &dyn Primitives) {}

    fn element(&mut self, field: &'static Field, value: &dyn Node) {
        self.note(field);
        value.visit(self);
    }

    fn elements(&mut self, _: &'static Field, values: &dyn Elements) {
        for element in (0..values.count()).filter_map(|at| values.at(at)) {
            element.visit(self);
        }
    }

    fn resource(&mut self, _: &'static Field, _: &Resource) {}

    fn resources(&mut self, _: &'static Field, _: &[Resource]) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_choice_without_its_type() {
        let condition = r4::Condition {
            onset: Some(r4::ConditionOnset::Age(Box::default())),
            ..r4::Condition::default()
        };
        let choices = Choices::of(&condition.into());
        assert_eq!(
            choices.fhir_path("Condition", "onsetAge.value"),
            "Condition.onset.value"
        );
        assert_eq!(
            choices.fhir_path("Patient", "name[1].given[0]"),
            "Patient.name[1].given[0]"
        );
        assert_eq!(
            choices.fhir_path("Patient", "_birthDate.extension[0]"),
            "Patient.birthDate.extension[0]"
        );
    }
}
