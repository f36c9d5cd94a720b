//! What was examined, and how it was collected.

use ehr_model::{Annotation, RecordClass, Reference, Specimen};
use ehr_types::CodeableConcept;

use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{denied, has_code, has_template, occurrence, read_outline, time_of};
use super::vocabulary::SNOMED;
use crate::xml::Element;

/// SNOMED CT: collection of a specimen.
const COLLECTION: &str = "17636008";
/// Template of the Specimen Collection Procedure.
const COLLECTION_TEMPLATE: &str = "2.16.840.1.113883.10.20.22.4.415";

impl<'d> Importer<'d> {
    /// The first specimen of a statement: of its `specimen` participations, else of the procedure that collected it.
    pub(super) fn first_specimen(&mut self, statement: Element<'d>, scope: &Scope) -> Option<Reference> {
        let specimens: Vec<_> = statement.children("specimen").collect();
        let mut first = None;
        for specimen in specimens {
            let made = self.specimen(specimen, scope);
            first = first.or(made);
        }
        first.or_else(|| {
            let collections = self.collections(statement);
            let role = collections.into_iter().find_map(collected_role)?;
            let entity = role.child("playingEntity");
            self.specimen_in(role, entity, statement, scope)
        })
    }

    /// A `specimen` participation, with the collection procedure of the organizer around it.
    pub(super) fn specimen(&mut self, specimen: Element<'d>, scope: &Scope) -> Option<Reference> {
        let role = specimen.child("specimenRole")?;
        let entity = role.child("specimenPlayingEntity");
        self.specimen_in(role, entity, specimen.parent().unwrap_or(specimen), scope)
    }

    fn specimen_in(
        &mut self,
        role: Element<'d>,
        entity: Option<Element<'d>>,
        statement: Element<'d>,
        scope: &Scope,
    ) -> Option<Reference> {
        let words = entity
            .and_then(|entity| entity.child("desc"))
            .and_then(|text| text.to_encapsulated().text);
        let mut record = Specimen {
            identifier: role.to_identifiers(),
            type_: entity.and_then(kind_of),
            subject: self.subject(),
            quantity: entity
                .and_then(|entity| entity.child("quantity"))
                .and_then(Element::to_quantity)
                .filter(|quantity| quantity.value.is_some()),
            note: words
                .into_iter()
                .map(|text| Annotation {
                    text,
                    ..Annotation::default()
                })
                .collect(),
            ..Specimen::default()
        };
        if record.identifier.is_empty() && record.type_.is_none() && record.note.is_empty() {
            return None;
        }
        let slot = match self.open(RecordClass::Specimen, role, "") {
            Ok(slot) => slot,
            Err(id) => return Some(Reference::to(&id)),
        };
        // How it was collected is said once, beside the specimens.
        for procedure in self.collections(statement) {
            self.consume(procedure);
            self.own(&slot, procedure);
            self.collected(procedure, &mut record, scope);
        }
        let label = record.type_.as_ref().and_then(CodeableConcept::label);
        let display = label.map(str::to_owned);
        let id = self.close(slot, record);
        Some(Reference {
            display,
            ..Reference::to(&id)
        })
    }

    /// The procedures of a statement by which a specimen was collected, not read yet.
    fn collections(&self, statement: Element<'d>) -> Vec<Element<'d>> {
        let open = self.open_related(statement).into_iter().map(|(_, inner)| inner);
        open.filter(|inner| {
            let collects =
                has_code(inner.peek(), SNOMED, COLLECTION) || has_template(*inner, COLLECTION_TEMPLATE);
            inner.is("procedure") && collects && !denied(*inner)
        })
        .collect()
    }

    fn collected(&mut self, procedure: Element<'d>, record: &mut Specimen, scope: &Scope) {
        read_outline(procedure);
        read_code(procedure);
        record.collected = occurrence(&time_of(procedure));
        record.body_site = procedure.child("targetSiteCode").and_then(Element::to_concept);
        record.method = procedure.child("methodCode").and_then(Element::to_concept);
        let mut performers = self.performers(procedure).into_iter();
        record.collector = performers.find_map(|performer| performer.actor);
        if let Some(role) = collected_role(procedure) {
            // The same specimen, named once more: what it says beside the participation.
            for identifier in role.to_identifiers() {
                if !record.identifier.contains(&identifier) {
                    record.identifier.push(identifier);
                }
            }
            if record.type_.is_none() {
                record.type_ = role.child("playingEntity").and_then(kind_of);
            }
        }
        self.rest(procedure, scope);
    }
}

/// The specimen that a procedure collected.
fn collected_role(procedure: Element<'_>) -> Option<Element<'_>> {
    let mut roles = procedure
        .children("participant")
        .filter_map(|participant| participant.child("participantRole"));
    roles.find(|role| role.peek().attribute("classCode") == Some("SPEC"))
}

/// What kind of material it is, in codes, else in words.
fn kind_of(entity: Element<'_>) -> Option<CodeableConcept> {
    let mut kind = entity.child("code").and_then(Element::to_concept);
    if let Some(name) = entity.child("name").and_then(Element::to_organization_name) {
        kind.get_or_insert_default().text.get_or_insert(name);
    }
    kind.filter(|kind| kind.label().is_some())
}
