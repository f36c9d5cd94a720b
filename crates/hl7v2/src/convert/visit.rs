//! PV1 and PV2: the encounter.

use ehr_model::{
    Encounter, EncounterLocation, EntryId, Hospitalization, Participant, RecordClass, Reference, Status,
};
use ehr_types::{Coding, Period, Quantity};

use super::conversion::{Conversion, key_of, restricted};
use super::datatype::{identifier_type, period};
use super::erasure::{Erasure, json};
use super::group::Unit;
use super::participant::participation;
use super::patient::VisitIdentifiers;
use super::reading::{At, Seg};
use super::table;

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

impl<'r> Conversion<'r, '_> {
    /// The encounter of a PV1 with its PV2.
    pub(super) fn encounter_of(&mut self, unit: &Unit<'r>, identifiers: &VisitIdentifiers) {
        let seg = unit.seg;
        let mut encounter = Encounter {
            subject: self.subject(),
            status: self.encounter_status(seg),
            type_: [self.concepts(seg, 4, Some(7)), self.concepts(seg, 18, Some(18))].concat(),
            service_type: self.concept_of(seg.at(10), 69),
            period: if self.is_discharge_cancelled() {
                seg.at(44).time().map(|start| Period::new(Some(start), None))
            } else {
                period(seg.at(44), seg.at(45))
            },
            ..Encounter::default()
        };
        self.class(seg, &mut encounter);
        let number = self.sender().number(seg.at(19)).map(|mut number| {
            number
                .type_
                .get_or_insert_with(|| identifier_type("VN".to_owned()));
            number
        });
        let alternate = self.sender().number(seg.at(50));
        let key = number.as_ref().or(alternate.as_ref()).map(key_of);
        let content = key.unwrap_or_else(|| format!("content {}", seg.content()));
        let id = self.chart.id(RecordClass::Encounter, &["visit", &content]);
        let mut erased = Vec::new();
        encounter.identifier = number.into_iter().chain(alternate).collect();
        encounter.identifier.extend(identifiers.prior.iter().cloned());
        encounter.account = identifiers
            .accounts
            .iter()
            .map(|account| Reference {
                identifier: Some(account.clone()),
                ..Reference::default()
            })
            .collect();
        encounter.episode_of_care = self
            .sender()
            .number(seg.at(54))
            .map(|identifier| Reference {
                identifier: Some(identifier),
                ..Reference::default()
            })
            .into_iter()
            .collect();
        for (field, kind, display) in [
            (7, "ATND", "attender"),
            (8, "REF", "referrer"),
            (9, "CON", "consultant"),
            (17, "ADM", "admitter"),
            (52, "PART", "Participation"),
        ] {
            let participants = self.participants(seg, field, &participation(kind, display));
            self.listed(
                &id,
                seg.at(field),
                ("participant", field),
                &participants,
                &mut erased,
            );
            encounter.participant.extend(participants);
        }
        let planned = encounter.class.as_ref().and_then(|class| class.code.as_deref()) == Some("PRENC");
        self.places(seg, planned, &mut encounter);
        self.hospitalization(seg, &mut encounter);
        for more in unit.more("PV2") {
            self.additional_visit(more, &mut encounter);
        }
        let roles: Vec<Participant> = self.roles(unit.more("ROL").chain(unit.more("PRT")));
        encounter.participant.extend(roles);
        let notes = self.notes(&unit.notes);
        encounter.note.extend(notes);
        self.note_undone(&id, seg, &encounter, &mut erased);
        self.add(&["visit", &content], encounter, &unit.segments());
        self.chart.erase(&id, erased);
        let labels = unit
            .more("PV2")
            .filter_map(|more| restricted(more.at(22)))
            .collect();
        self.chart.sign(&id, Vec::new(), labels);
        self.visit = Some(id);
    }

    /// A13: the patient was not discharged; PV1-36, 37 and 45 then tell of what is cancelled.
    fn is_discharge_cancelled(&self) -> bool {
        self.header.is("ADT") && self.header.event.eq_ignore_ascii_case("A13")
    }

    /// What null asks to delete, and what the cancellation of a discharge (A13) or of a transfer (A12) undoes.
    fn note_undone(&mut self, id: &EntryId, seg: Seg<'r>, encounter: &Encounter, erased: &mut Vec<Erasure>) {
        self.erased(id, seg, &[(44, "period.start"), (45, "period.end")], erased);
        if self.is_discharge_cancelled() {
            let discharge = [
                "period.end",
                "hospitalization.discharge_disposition",
                "hospitalization.destination",
            ];
            erased.extend(discharge.map(Erasure::Member));
        }
        let is_transfer_cancelled = self.header.is("ADT") && self.header.event.eq_ignore_ascii_case("A12");
        let place = encounter.location.first().filter(|_| seg.has(3));
        let place = place.and_then(json);
        let former = match place {
            Some(place) => self
                .chart
                .current_place
                .insert(id.clone(), place.clone())
                .filter(|former| *former != place),
            None => None,
        };
        if is_transfer_cancelled {
            let items = former.into_iter().collect();
            erased.push(Erasure::Items("location", items));
        }
    }

    /// Status by the event where it is about the visit, else by discharge (PV1-45), else by class (PV1-2).
    fn encounter_status(&self, seg: Seg<'r>) -> Option<Status> {
        let event = self.header.event.to_ascii_uppercase();
        if self.header.is("ADT")
            && let Some(status) = table::encounter_status_of_event(&event)
        {
            return Some(Status::translated(
                Some(status),
                Coding::new(table::uri(3), event),
            ));
        }
        if seg.has(45) {
            return Some(Status::fhir("finished"));
        }
        let class = seg.at(2).peek_code()?;
        let status = table::encounter_status_of_class(&class)?;
        Some(Status::translated(
            Some(status),
            Coding::new(table::uri(4), class),
        ))
    }

    fn class(&self, seg: Seg<'r>, encounter: &mut Encounter) {
        let Some(mut concept) = self.concept_of(seg.at(2), 4) else {
            return;
        };
        let known = concept
            .codings
            .iter()
            .find_map(|coding| table::encounter_class(coding.code.as_deref()?));
        encounter.class = match known {
            Some((class, display)) => {
                let class = Coding::new(ACT_CODE, class).with_display(display);
                concept.codings.insert(0, class.clone());
                Some(class)
            }
            None => concept.codings.first().cloned(),
        };
        encounter.class_concept = Some(concept);
    }

    fn places(&mut self, seg: Seg<'r>, planned: bool, encounter: &mut Encounter) {
        let current = if planned { "planned" } else { "active" };
        for (field, status) in [
            (3, current),
            (6, "completed"),
            (11, "active"),
            (42, "planned"),
            (43, "completed"),
        ] {
            let at = seg.at(field);
            let address = None;
            if let Some(location) = self.location_with(at, address) {
                let place = EncounterLocation {
                    location: Some(location),
                    status: Some(Status::fhir(status)),
                    ..EncounterLocation::default()
                };
                if !encounter.location.contains(&place) {
                    encounter.location.push(place);
                }
            }
        }
        // PV1-39: the facility that the visit is billed under.
        let facility = seg.at(39);
        if let Some(name) = facility.text() {
            encounter.service_provider = self.add_organization(
                ehr_model::Organization {
                    name: Some(name),
                    ..ehr_model::Organization::default()
                },
                facility,
            );
        }
    }

    fn hospitalization(&mut self, seg: Seg<'r>, encounter: &mut Encounter) {
        let is_discharged = !self.is_discharge_cancelled();
        let destination = is_discharged
            .then(|| self.concept_of(seg.at(37).part(1), 113))
            .flatten()
            .and_then(|kind| self.location_of_kind(kind, seg.at(37)));
        let hospitalization = Hospitalization {
            pre_admission_identifier: self.sender().number(seg.at(5)),
            admit_source: self.concept_of(seg.at(14), 23),
            re_admission: self.concept_of(seg.at(13), 92),
            diet_preference: self.concepts(seg, 38, Some(114)),
            special_courtesy: self.concepts(seg, 16, Some(99)),
            special_arrangement: self.concepts(seg, 15, Some(9)),
            discharge_disposition: is_discharged.then(|| self.concept_of(seg.at(36), 112)).flatten(),
            destination,
            origin: None,
        };
        if hospitalization != Hospitalization::default() {
            encounter.hospitalization = Some(hospitalization);
        }
    }

    fn additional_visit(&mut self, seg: Seg<'r>, encounter: &mut Encounter) {
        if let Some(location) = self.location(seg.at(1)) {
            encounter.location.push(EncounterLocation {
                location: Some(location),
                status: Some(Status::fhir("planned")),
                ..EncounterLocation::default()
            });
        }
        encounter.reason_code.extend(self.concept(seg.at(3)));
        let days = seg.at(11).decimal().or_else(|| seg.at(10).decimal());
        encounter.length = days.map(|days| Quantity::ucum(days, "d"));
        encounter.priority = self.concept_of(seg.at(25), 217);
        self.directives(seg, 45, 435);
        let referrers = self.participants(seg, 13, &participation("REF", "referrer"));
        encounter.participant.extend(referrers);
        if let Some(text) = seg.text(12) {
            encounter.note.push(ehr_model::Annotation {
                text,
                ..ehr_model::Annotation::default()
            });
        }
        let groups: Vec<At<'r>> = seg.all(23).collect();
        for at in groups {
            if let Some(clinic) = self.organization(at, Vec::new(), Vec::new()) {
                encounter.service_provider.get_or_insert(clinic);
            }
        }
    }
}
