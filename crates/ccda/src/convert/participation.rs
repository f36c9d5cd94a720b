//! Who takes part in a statement, in which function and where.

use ehr_model::{Participant, Performer, Reference};
use ehr_types::{CodeSystem, CodeableConcept, Coding, Period};

use super::actor::one_of;
use super::importer::Importer;
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// The `performer` children as performers.
    pub(super) fn performers(&mut self, statement: Element<'d>) -> Vec<Performer> {
        let mut out = Vec::new();
        for performer in statement.children("performer") {
            let function = function_code(performer);
            let actor = performer
                .child("assignedEntity")
                .and_then(|role| self.actor(role));
            if actor.is_some() || function.is_some() {
                out.push(Performer {
                    function,
                    actor,
                    on_behalf_of: None,
                });
            }
        }
        out
    }

    /// Who is named by the `performer` children.
    pub(super) fn performing(&mut self, statement: Element<'d>) -> Vec<Reference> {
        let performers = self.performers(statement).into_iter();
        performers.filter_map(|performer| performer.actor).collect()
    }

    /// A participation (`performer`, `encounterParticipant`) with its role and time.
    pub(super) fn participant(&mut self, participation: Element<'d>) -> Option<Participant> {
        let mut role: Vec<_> = function_code(participation).into_iter().collect();
        if let Some(code) = participation.attribute("typeCode") {
            let coding = Coding::new(CodeSystem::V3_PARTICIPATION_TYPE.uri, code);
            role.push(CodeableConcept::from_coding(coding));
        }
        let time = participation.child("time").map(Element::to_interval);
        let period = time.and_then(|time| {
            time.period()
                .or_else(|| time.value.map(|at| Period::new(Some(at), None)))
        });
        let entity = one_of(
            participation,
            &["assignedEntity", "associatedEntity", "participantRole"],
        );
        let actor = entity.and_then(|entity| self.actor(entity));
        (actor.is_some()).then_some(Participant {
            role,
            actor,
            period,
            ..Participant::default()
        })
    }

    /// An `informant`: a provider, or a person of the patient's circle, or the patient.
    pub(super) fn informant(&mut self, informant: Element<'d>) -> Option<Reference> {
        if let Some(role) = informant.child("assignedEntity") {
            return self.actor(role);
        }
        let role = informant.child("relatedEntity")?;
        let own = role
            .child("code")
            .is_some_and(|code| code.peek().attribute("code") == Some("SELF"));
        if own {
            role.mark_read();
            return self.subject();
        }
        self.related_person(role, None)
    }

    /// The service delivery location of a statement: a participant of type LOC.
    pub(super) fn place(&mut self, element: Element<'d>) -> Option<Reference> {
        let participants: Vec<_> = element.children("participant").collect();
        for participant in participants {
            let Some(role) = participant.child("participantRole") else {
                continue;
            };
            let here = participant.peek().attribute("typeCode") == Some("LOC")
                || role.peek().attribute("classCode") == Some("SDLOC");
            if here {
                return self.location(role);
            }
        }
        None
    }
}

fn function_code(participation: Element<'_>) -> Option<CodeableConcept> {
    let extension = participation.sdtc("functionCode").next();
    participation
        .child("functionCode")
        .or(extension)
        .and_then(Element::to_concept)
}
