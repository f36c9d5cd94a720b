//! Care team organizers.

use ehr_model::{CareTeam, EntryId, Participant, RecordClass};

use super::importer::{Importer, Scope};
use super::kind::read_code;
use super::statement::{denied, has_code, has_template, read_outline, status_of, time_of};
use super::vocabulary::{CARE_TEAM_STATUS, LOINC};
use crate::xml::Element;

impl<'d> Importer<'d> {
    /// A Care Team Organizer and its member acts.
    pub(super) fn care_team(&mut self, organizer: Element<'d>, scope: &Scope) -> Vec<EntryId> {
        let slot = match self.open(RecordClass::CareTeam, organizer, "") {
            Ok(slot) => slot,
            Err(id) => return vec![id],
        };
        let time = time_of(organizer);
        let code = organizer.child("code").and_then(ehr_concept);
        let mut record = CareTeam {
            identifier: organizer.to_identifiers(),
            status: status_of(organizer, CARE_TEAM_STATUS),
            category: code.into_iter().collect(),
            name: organizer
                .child("code")
                .and_then(|code| code.child("originalText"))
                .and_then(|text| text.to_encapsulated().text),
            subject: self.subject(),
            period: time
                .period()
                .or_else(|| time.value.map(|at| ehr_types::Period::new(Some(at), None))),
            ..CareTeam::default()
        };
        let participants: Vec<_> = organizer.children("participant").collect();
        for participant in participants {
            // The lead of the team, or where it works.
            if let Some(role) = participant.child("participantRole")
                && matches!(role.peek().attribute("classCode"), Some("SDLOC"))
            {
                self.location(role);
            } else {
                record.participant.extend(self.participant(participant));
            }
        }
        for (_, inner) in self.open_related(organizer) {
            let member = has_template(inner, "2.16.840.1.113883.10.20.22.4.500.1")
                || has_code(inner, LOINC, "85847-2");
            if inner.is("act") && member && !denied(inner) {
                self.consume(inner);
                self.own(&slot, inner);
                read_outline(inner);
                read_code(inner);
                let period = time_of(inner).period();
                let performers: Vec<_> = inner.children("performer").collect();
                for performer in performers {
                    if let Some(participant) = self.participant(performer) {
                        let period = participant.period.or(period);
                        record.participant.push(Participant {
                            period,
                            ..participant
                        });
                    }
                }
                let places: Vec<_> = inner
                    .children("participant")
                    .filter_map(|p| p.child("participantRole"))
                    .collect();
                for place in places {
                    if place.peek().attribute("classCode") == Some("SDLOC") {
                        self.location(place);
                    } else {
                        let related = self.related_person(place, period);
                        if related.is_some() {
                            record.participant.push(Participant {
                                actor: related,
                                period,
                                ..Participant::default()
                            });
                        }
                    }
                }
                record.note.extend(self.notes(inner));
                self.rest(inner, &scope.about(&slot.id));
            } else if inner.is("observation") && has_template(inner, "2.16.840.1.113883.10.20.22.4.500.2") {
                self.consume(inner);
                read_outline(inner);
                read_code(inner);
                record
                    .category
                    .extend(inner.child("value").and_then(Element::to_concept));
            }
        }
        record.note.extend(self.notes(organizer));
        let id = self.close(slot, record);
        self.rest(organizer, &scope.about(&id));
        vec![id]
    }
}

fn ehr_concept(code: Element<'_>) -> Option<ehr_types::CodeableConcept> {
    code.to_concept().filter(|code| code.label().is_some())
}
