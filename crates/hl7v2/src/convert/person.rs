//! All that a message says about one patient, segment by segment.

use std::collections::HashMap;

use ehr_model::Reference;
use ehr_types::{Finding, Identifier};

use super::conversion::Conversion;
use super::group::{Item, PatientGroup, Unit};
use super::observation;
use super::patient::VisitIdentifiers;
use super::reading::Seg;
use super::specimen::is_control;

impl<'r> Conversion<'r, '_> {
    /// Everything about one patient.
    pub(super) fn convert(mut self, group: &PatientGroup<'r>, linked: Vec<Identifier>, head: &[Seg<'r>]) {
        self.has_visit = group.items.iter().any(|item| matches!(item, Item::Visit(_)));
        let visit = match &group.pid {
            Some(pid) => {
                let next_of_kin: Vec<&Unit<'r>> = group
                    .items
                    .iter()
                    .filter_map(|item| match item {
                        Item::Single(unit) if unit.seg.is("NK1") => Some(unit),
                        _ => None,
                    })
                    .collect();
                self.patient(pid, &next_of_kin, linked)
            }
            None => VisitIdentifiers::default(),
        };
        let operators: Vec<Reference> = head
            .iter()
            .filter(|seg| seg.is("EVN"))
            .flat_map(|evn| self.practitioners(*evn, 5))
            .collect();
        if let Some(patient) = self.patient.clone() {
            self.chart.sign(&patient, operators.clone(), Vec::new());
        }
        let mut samples: HashMap<usize, Reference> = HashMap::new();
        for (position, item) in group.items.iter().enumerate() {
            if let Some(control) = control(item, &group.items) {
                self.reading.note(Finding::warning(
                    "v2.specimen.control",
                    control.location(),
                    "a specimen that is no patient's, for the control of quality; what it gave is kept as residual",
                ));
                continue;
            }
            match item {
                Item::Visit(unit) => {
                    self.encounter_of(unit, &visit);
                    if let Some(visit) = self.visit.clone() {
                        self.chart.sign(&visit, operators.clone(), Vec::new());
                    }
                }
                Item::Single(unit) => self.single(unit),
                Item::Observation(unit) => {
                    self.observation(unit, &observation::Context::default());
                }
                Item::Order(order) => {
                    let before: Vec<Reference> = order
                        .sample_before
                        .and_then(|sample| samples.get(&sample))
                        .cloned()
                        .into_iter()
                        .collect();
                    self.order(order, &before);
                }
                Item::Sample(sample) => {
                    let reference = self.sample(sample, None, "");
                    samples.insert(position, reference);
                }
                Item::Document(document) => self.document(document),
                Item::Schedule(schedule) => self.appointment(schedule),
            }
        }
        self.file_diagnoses();
    }

    /// A segment that stands for itself.
    fn single(&mut self, unit: &Unit<'r>) {
        match unit.seg.segment().id().as_str() {
            "NK1" if self.patient.is_some() => {}
            "AL1" => self.allergy(unit),
            "IAM" => self.adverse_reaction(unit),
            "DG1" => {
                self.diagnosis(unit, true);
            }
            "PRB" => self.problem(unit),
            "PR1" => self.procedure(unit),
            "GOL" => self.goal(unit),
            "IN1" => self.coverage(unit),
            "GT1" => self.guarantor(unit),
            "FT1" => self.charge(unit),
            "PRD" => self.provider(unit),
            "RGS" => unit.seg.mark(),
            "MRG" => self.reading.note(Finding::warning(
                "v2.merge.not-applied",
                unit.seg.location(),
                "there is no PID before it that says who remains; MRG is kept as residual",
            )),
            _ => {
                let (code, message) = if unit.seg.segment().id().is_local() {
                    (
                        "v2.segment.local",
                        "a segment of the sender's own; it is kept as residual",
                    )
                } else {
                    (
                        "v2.segment.unmapped",
                        "the model has no place for this segment here; it is kept as residual",
                    )
                };
                self.reading
                    .note(Finding::information(code, unit.seg.location(), message));
            }
        }
    }
}

/// The specimen or observation that says that what an item tells is of a control, and not of the patient.
fn control<'r>(item: &Item<'r>, items: &[Item<'r>]) -> Option<Seg<'r>> {
    match item {
        Item::Sample(sample) => is_control(sample).then_some(sample.unit.seg),
        Item::Order(order) => {
            let before = order.sample_before.and_then(|sample| items.get(sample));
            if let Some(Item::Sample(sample)) = before.filter(|_| order.samples.is_empty()) {
                return is_control(sample).then_some(sample.unit.seg);
            }
            let first = order.samples.first()?;
            order.samples.iter().all(is_control).then_some(first.unit.seg)
        }
        _ => None,
    }
}
