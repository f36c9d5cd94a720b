//! The walk through the segments of a message.

use super::{Document, Grouped, HEAD, Item, Order, PatientGroup, Pharmacy, Sample, Schedule, Unit};
use crate::convert::reading::Seg;

/// The way through a message: what was grouped so far, and what waits.
pub(super) struct Walk<'r> {
    grouped: Grouped<'r>,
    samples_first: bool,
    /// The sample that following orders are about.
    sample: Option<usize>,
    /// Segments of a schedule or a referral that come before the patient.
    waiting: Vec<Item<'r>>,
}

impl<'r> Walk<'r> {
    pub(super) fn new(samples_first: bool) -> Self {
        Self {
            grouped: Grouped {
                head: Vec::new(),
                patients: Vec::new(),
            },
            samples_first,
            sample: None,
            waiting: Vec::new(),
        }
    }

    fn items(&mut self) -> &mut Vec<Item<'r>> {
        match self.grouped.patients.last_mut() {
            Some(patient) => &mut patient.items,
            None => &mut self.waiting,
        }
    }

    fn order(&mut self) -> Option<&mut Order<'r>> {
        match self.items().last_mut() {
            Some(Item::Order(order)) => Some(order),
            _ => None,
        }
    }

    fn new_order(&mut self) -> Option<&mut Order<'r>> {
        let sample_before = self.sample;
        self.items().push(Item::Order(Order {
            sample_before,
            ..Order::default()
        }));
        self.order()
    }

    /// The unit that a note, a role or a participation speaks of: the last one.
    fn last_unit(&mut self) -> Option<&mut Unit<'r>> {
        if self.items().is_empty() {
            return self
                .grouped
                .patients
                .last_mut()
                .and_then(|patient| patient.pid.as_mut());
        }
        Some(match self.items().last_mut()? {
            Item::Visit(unit) | Item::Single(unit) | Item::Observation(unit) => unit,
            Item::Sample(sample) => sample.observations.last_mut().unwrap_or(&mut sample.unit),
            Item::Document(document) => document.observations.last_mut().unwrap_or(&mut document.unit),
            Item::Schedule(schedule) => schedule.resources.last_mut().unwrap_or(&mut schedule.unit),
            Item::Order(order) => {
                if let Some(sample) = order.samples.last_mut() {
                    sample.observations.last_mut().unwrap_or(&mut sample.unit)
                } else if let Some(pharmacy) = order.pharmacy.last_mut() {
                    pharmacy.observations.last_mut().unwrap_or(&mut pharmacy.unit)
                } else {
                    order
                        .observations
                        .last_mut()
                        .or(order.diagnoses.last_mut())
                        .or(order.detail.as_mut())
                        .or(order.orc.as_mut())?
                }
            }
        })
    }

    pub(super) fn take(&mut self, seg: Seg<'r>) {
        let id = seg.segment().id();
        match id.as_str() {
            "PID" => {
                let mut patient = PatientGroup {
                    pid: Some(Unit::new(seg)),
                    items: Vec::new(),
                };
                // An appointment stands before its patient.
                patient.items.append(&mut self.waiting);
                self.grouped.patients.push(patient);
                self.sample = None;
            }
            "PD1" | "MRG" | "ARV" | "PDA" | "PD2" => self.continue_patient(seg),
            "PV1" => self.items().push(Item::Visit(Unit::new(seg))),
            "PV2" => match self.items().iter_mut().rev().find_map(|item| match item {
                Item::Visit(unit) => Some(unit),
                _ => None,
            }) {
                Some(visit) => visit.more.push(seg),
                None => self.items().push(Item::Single(Unit::new(seg))),
            },
            "NTE" => match self.last_unit() {
                Some(unit) => unit.notes.push(seg),
                None => self.loose(seg),
            },
            "ROL" | "PRT" | "VAR" => match self.last_unit() {
                Some(unit) => unit.more.push(seg),
                None => self.loose(seg),
            },
            "IN2" | "IN3" => match self.items().last_mut() {
                Some(Item::Single(unit)) if unit.seg.is("IN1") => unit.more.push(seg),
                _ => self.items().push(Item::Single(Unit::new(seg))),
            },
            "ORC" => {
                if let Some(order) = self.new_order() {
                    order.orc = Some(Unit::new(seg));
                }
            }
            "OBR" | "ODS" | "ODT" | "RQD" | "RF1" => self.detail(seg),
            "RXO" | "RXE" | "RXD" | "RXG" | "RXA" => self.pharmacy(seg),
            "RXR" | "RXC" | "TQ1" | "TQ2" => self.continue_order(seg),
            "CTI" | "BLG" | "CTD" | "RQ1" | "ECR" | "ECD" | "SAC" | "DSP" | "BPO" | "BPX" | "BTX" | "IPC"
            | "TCD" | "SID" | "INV" => match self.last_unit() {
                Some(unit) => unit.more.push(seg),
                None => self.loose(seg),
            },
            "OBX" => self.observation(Unit::new(seg)),
            "SPM" => self.specimen(seg),
            "TXA" => self.items().push(Item::Document(Document {
                unit: Unit::new(seg),
                observations: Vec::new(),
            })),
            "SCH" => self.items().push(Item::Schedule(Schedule {
                unit: Unit::new(seg),
                timing: Vec::new(),
                resources: Vec::new(),
            })),
            "RGS" | "AIS" | "AIG" | "AIL" | "AIP" => self.resource(seg),
            "DG1" => match self.order() {
                Some(order) if order.detail.is_some() && order.observations.is_empty() => {
                    order.diagnoses.push(Unit::new(seg));
                }
                _ => self.items().push(Item::Single(Unit::new(seg))),
            },
            id if HEAD.contains(&id) && self.grouped.patients.is_empty() && self.waiting.is_empty() => {
                self.grouped.head.push(seg);
            }
            _ => self.items().push(Item::Single(Unit::new(seg))),
        }
    }

    /// A segment before anything that it could belong to.
    fn loose(&mut self, seg: Seg<'r>) {
        if self.grouped.patients.is_empty() {
            self.grouped.head.push(seg);
        } else {
            self.items().push(Item::Single(Unit::new(seg)));
        }
    }

    fn continue_patient(&mut self, seg: Seg<'r>) {
        match self
            .grouped
            .patients
            .last_mut()
            .and_then(|patient| patient.pid.as_mut())
        {
            Some(pid) => pid.more.push(seg),
            None => self.items().push(Item::Single(Unit::new(seg))),
        }
    }

    fn detail(&mut self, seg: Seg<'r>) {
        let open = self.order().is_some_and(|order| {
            order.detail.is_none() && order.pharmacy.is_empty() && order.observations.is_empty()
        });
        if !open {
            self.new_order();
        }
        if let Some(order) = self.order() {
            order.detail = Some(Unit::new(seg));
        }
    }

    fn pharmacy(&mut self, seg: Seg<'r>) {
        if self.order().is_none_or(|order| order.detail.is_some()) {
            self.new_order();
        }
        if let Some(order) = self.order() {
            order.pharmacy.push(Pharmacy {
                unit: Unit::new(seg),
                routes: Vec::new(),
                components: Vec::new(),
                timing: Vec::new(),
                observations: Vec::new(),
            });
        }
    }

    fn continue_order(&mut self, seg: Seg<'r>) {
        if let Some(Item::Schedule(schedule)) = self.items().last_mut() {
            schedule.timing.push(seg);
            return;
        }
        let Some(order) = self.order() else {
            self.loose(seg);
            return;
        };
        let timing = seg.is("TQ1") || seg.is("TQ2");
        match order.pharmacy.last_mut() {
            Some(pharmacy) if timing => pharmacy.timing.push(seg),
            Some(pharmacy) if seg.is("RXR") => pharmacy.routes.push(seg),
            Some(pharmacy) => pharmacy.components.push(seg),
            None => order.timing.push(seg),
        }
    }

    fn observation(&mut self, unit: Unit<'r>) {
        match self.items().last_mut() {
            Some(Item::Document(document)) => document.observations.push(unit),
            Some(Item::Sample(sample)) => sample.observations.push(unit),
            Some(Item::Order(order)) => {
                if let Some(sample) = order.samples.last_mut() {
                    sample.observations.push(unit);
                } else if let Some(pharmacy) = order.pharmacy.last_mut() {
                    pharmacy.observations.push(unit);
                } else {
                    order.observations.push(unit);
                }
            }
            _ => self.items().push(Item::Observation(unit)),
        }
    }

    fn specimen(&mut self, seg: Seg<'r>) {
        let sample = Sample {
            unit: Unit::new(seg),
            observations: Vec::new(),
        };
        let after_order = !self.samples_first && self.order().is_some();
        match self.order() {
            Some(order) if after_order => order.samples.push(sample),
            _ => {
                self.sample = Some(self.items().len());
                self.items().push(Item::Sample(sample));
            }
        }
    }

    fn resource(&mut self, seg: Seg<'r>) {
        let schedule = self.items().iter_mut().rev().find_map(|item| match item {
            Item::Schedule(schedule) => Some(schedule),
            _ => None,
        });
        match schedule {
            Some(schedule) if seg.is("RGS") => schedule.unit.more.push(seg),
            Some(schedule) => schedule.resources.push(Unit::new(seg)),
            None => self.items().push(Item::Single(Unit::new(seg))),
        }
    }

    pub(super) fn finish(mut self) -> Grouped<'r> {
        if !self.waiting.is_empty() {
            // No patient at all.
            self.grouped.patients.push(PatientGroup {
                pid: None,
                items: self.waiting,
            });
        }
        self.grouped
    }
}
