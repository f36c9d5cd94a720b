//! Who says what, as [Provenance](https://hl7.org/fhir/R4/provenance.html).

use std::collections::{BTreeMap, BTreeSet};

use ehr_model::{Chart, EntryId, Event, Format, Member, Reference, Source};
use ehr_types::DateTime;

use super::map::{Writer, each_written, is_empty, said};
use super::{extension, text};
use crate::element::{Element, Str};
use crate::r4;

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
    for entry in &chart.entries {
        let is_fhir = entry
            .original
            .as_ref()
            .is_some_and(|original| original.format == Format::FhirJson);
        // Without an author, the time is that of the event.
        let says = !entry.origin.authors.is_empty()
            || (entry.origin.recorded.is_some() && !told.contains(&entry.id));
        if is_fhir || !says {
            continue;
        }
        let key = (entry.origin.authors.as_slice(), entry.origin.recorded);
        match groups
            .iter_mut()
            .find(|(authors, time, _)| (*authors, *time) == key)
        {
            Some((_, _, targets)) => targets.push(&entry.id),
            None => groups.push((key.0, key.1, vec![&entry.id])),
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
                agent: agents,
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
        agent: vec![source_agent(&chart.source)],
        entity: message.into_iter().collect(),
        ..r4::Provenance::default()
    };
    if let Some(time) = event.occurred {
        let (occurred, extension) = text::write_time(time);
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
        coding: vec![r4::Coding {
            system: Some(Str::new_static(
                "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
            )),
            code: Some(Str::new_static(code)),
            ..r4::Coding::default()
        }],
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
    provenance.recorded = text::put_instant(recorded, provenance, "recorded");
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
