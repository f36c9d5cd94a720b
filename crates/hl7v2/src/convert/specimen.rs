//! SPM, and the specimen that OBR-7 to 15 describe where there is no SPM.

use ehr_model::{EntryId, Occurrence, Reference, Specimen, Status};
use ehr_types::Coding;

use super::conversion::{Conversion, key_of, remark};
use super::datatype::words;
use super::dosage::labelled;
use super::group::{Order, Sample};
use super::observation::Context;
use super::order::collected;
use super::reading::Seg;
use super::table;

impl<'r> Conversion<'r, '_> {
    /// The specimens of an order: its SPM, else what OBR says.
    pub(super) fn specimens(
        &mut self,
        order: &Order<'r>,
        request: Option<&EntryId>,
        key: &str,
    ) -> Vec<Reference> {
        let mut specimens = Vec::new();
        for sample in &order.samples {
            specimens.push(self.sample(sample, request, key));
        }
        let obr = order
            .detail
            .as_ref()
            .map(|unit| unit.seg)
            .filter(|seg| seg.is("OBR"));
        if let Some(obr) = obr {
            let described = self.specimen_of_obr(
                obr,
                request,
                order.samples.is_empty() && order.sample_before.is_none(),
                key,
            );
            specimens.extend(described);
        }
        specimens
    }

    /// SPM with its observations.
    pub(super) fn sample(&mut self, sample: &Sample<'r>, request: Option<&EntryId>, key: &str) -> Reference {
        let seg = sample.unit.seg;
        let mut specimen = Specimen {
            identifier: self.sender().entity_pair(seg.at(2)),
            parent: seg
                .all(3)
                .flat_map(|at| self.sender().entity_pair(at))
                .map(|identifier| Reference {
                    identifier: Some(identifier),
                    ..Reference::default()
                })
                .collect(),
            type_: self.concept_of(seg.at(4), 487),
            method: self.concept_of(seg.at(7), 488),
            body_site: self.concept_of(seg.at(8), 543),
            quantity: self.sender().quantity(seg.at(12)),
            received_time: seg.at(18).time(),
            condition: self.concepts(seg, 24, Some(493)),
            subject: self.subject(),
            request: request.map(Reference::to).into_iter().collect(),
            note: self.notes(&sample.unit.notes),
            ..Specimen::default()
        };
        if let Some(modifiers) = specimen.type_.as_mut() {
            // SPM-5 narrows SPM-4.
            for modifier in seg.all(5).filter_map(|at| self.sender().concept(at, Some(541))) {
                modifiers.codings.extend(modifier.codings);
            }
        }
        if let Some(modifiers) = specimen.body_site.as_mut() {
            for modifier in seg.all(9).filter_map(|at| self.sender().concept(at, Some(542))) {
                modifiers.codings.extend(modifier.codings);
            }
        }
        for (field, label) in [
            (6, "Additive"),
            (10, "Collection site"),
            (11, "Role"),
            (15, "Handling"),
            (16, "Risk"),
            (19, "Expires"),
            (26, "Containers"),
            (27, "Container"),
            (28, "Container condition"),
        ] {
            labelled(seg, field, label, &mut specimen.note);
        }
        for text in seg.all(14).filter_map(|at| at.text()) {
            specimen.note.push(remark(text));
        }
        let taken = seg.at(17);
        specimen.collected = match (taken.part(1).time(), taken.part(2).time()) {
            (start, Some(end)) if start != Some(end) => {
                Some(Occurrence::Period(ehr_types::Period::new(start, Some(end))))
            }
            (start, _) => start.map(Occurrence::DateTime),
        };
        specimen.status = available(seg);
        if specimen.status.is_none() && seg.has(21) {
            // Rejected (table 0490): the reason is what is known of its condition.
            specimen.condition.extend(self.concepts(seg, 21, Some(490)));
            specimen.status = Some(Status::fhir("unsatisfactory"));
        }
        specimen.accession_identifier = self.sender().identifier(seg.at(30));
        specimen
            .identifier
            .extend(seg.all(31).filter_map(|at| self.sender().identifier(at)));
        specimen
            .identifier
            .extend(self.sender().entity(seg.at(32), Some("SHIP")));
        for participant in self.roles(sample.unit.more("PRT")) {
            specimen.collector = specimen.collector.or(participant.actor);
        }
        let name = match specimen.identifier.first() {
            Some(identifier) => key_of(identifier),
            None => format!("{key} {}", seg.content()),
        };
        let id = self.add(&["specimen", &name], specimen, &sample.unit.segments());
        let reference = Reference::to(&id);
        let context = Context {
            order: format!("specimen {name}"),
            specimen: Some(reference.clone()),
            ..Context::default()
        };
        self.observations(&sample.observations, &context);
        reference
    }

    /// OBR-9, 10, 14, 15 and, where no SPM says it, OBR-7 and 8.
    fn specimen_of_obr(
        &mut self,
        obr: Seg<'r>,
        request: Option<&EntryId>,
        alone: bool,
        key: &str,
    ) -> Option<Reference> {
        let source = obr.at(15);
        if !alone && !source.has_text() && !obr.has(10) {
            return None;
        }
        let mut specimen = Specimen {
            type_: self.sender().concept(source.part(1), Some(70)),
            quantity: self.sender().quantity(obr.at(9)),
            collector: self.practitioners(obr, 10).into_iter().next(),
            received_time: obr.at(14).time(),
            body_site: self.sender().concept(source.part(4), Some(163)),
            ..Specimen::default()
        };
        let additive = words(source.part(2)).map(|additive| format!("Additive: {additive}"));
        let comments = obr.all(39).filter_map(words);
        let remarks = additive.into_iter().chain(source.part(3).text()).chain(comments);
        specimen.note = remarks.map(remark).collect();
        if specimen == Specimen::default() {
            return None;
        }
        specimen.collected = collected(obr);
        specimen.subject = self.subject();
        specimen.request = request.map(Reference::to).into_iter().collect();
        let id = self.add_field(&["specimen of", key], specimen, source);
        Some(Reference::to(&id))
    }
}

/// SPM-11, table 0369: a specimen for the control of quality, for calibration, or that tests who measures.
pub(super) fn is_control(sample: &Sample<'_>) -> bool {
    let role = sample.unit.seg.at(11).peek_code();
    matches!(role.as_deref(), Some("B" | "C" | "E" | "F" | "O" | "Q" | "V"))
}

/// SPM-20: whether it is available.
fn available(seg: Seg<'_>) -> Option<Status> {
    let answer = seg.at(20).peek_code()?;
    let status = match answer.as_str() {
        "Y" => Some("available"),
        "N" => Some("unavailable"),
        _ => None,
    };
    seg.at(20).leaf().mark();
    Some(Status::translated(status, Coding::new(table::uri(136), answer)))
}
