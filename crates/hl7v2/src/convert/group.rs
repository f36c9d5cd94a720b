//! Which segments belong together, by what they are and where they stand.
//!
//! The walk needs no message template: it works on messages of any event, of any version, and on those that do not keep to
//! their structure. A segment that no rule speaks of is kept as one of the patient it follows.

use super::reading::Seg;

/// A segment with the segments that say more about it.
pub(super) struct Unit<'r> {
    pub(super) seg: Seg<'r>,
    /// NTE.
    pub(super) notes: Vec<Seg<'r>>,
    /// ROL, PRT, and others that continue it (PD1, PV2, IN2, IN3, …).
    pub(super) more: Vec<Seg<'r>>,
}

impl<'r> Unit<'r> {
    fn new(seg: Seg<'r>) -> Self {
        Self {
            seg,
            notes: Vec::new(),
            more: Vec::new(),
        }
    }

    /// The segment and all that belongs to it.
    pub(super) fn segments(&self) -> Vec<Seg<'r>> {
        let mut all = vec![self.seg];
        all.extend(&self.more);
        all.extend(&self.notes);
        all
    }

    /// The segments of a name among those that say more.
    pub(super) fn more(&self, id: &'static str) -> impl Iterator<Item = Seg<'r>> + use<'_, 'r> {
        self.more.iter().copied().filter(move |seg| seg.is(id))
    }
}

/// SPM with its observations.
pub(super) struct Sample<'r> {
    pub(super) unit: Unit<'r>,
    pub(super) observations: Vec<Unit<'r>>,
}

/// A pharmacy segment (RXO, RXE, RXD, RXG, RXA) with its routes, components and observations.
pub(super) struct Pharmacy<'r> {
    pub(super) unit: Unit<'r>,
    pub(super) routes: Vec<Seg<'r>>,
    pub(super) components: Vec<Seg<'r>>,
    pub(super) timing: Vec<Seg<'r>>,
    pub(super) observations: Vec<Unit<'r>>,
}

impl<'r> Pharmacy<'r> {
    pub(super) fn segments(&self) -> Vec<Seg<'r>> {
        let mut all = self.unit.segments();
        all.extend(&self.timing);
        all.extend(&self.routes);
        all.extend(&self.components);
        all
    }
}

/// An order with what was ordered and what came of it.
#[derive(Default)]
pub(super) struct Order<'r> {
    pub(super) orc: Option<Unit<'r>>,
    /// OBR, or ODS, ODT, RQD, RF1 where these say what is ordered.
    pub(super) detail: Option<Unit<'r>>,
    pub(super) timing: Vec<Seg<'r>>,
    pub(super) diagnoses: Vec<Unit<'r>>,
    pub(super) observations: Vec<Unit<'r>>,
    pub(super) samples: Vec<Sample<'r>>,
    pub(super) pharmacy: Vec<Pharmacy<'r>>,
    /// Position among the items of the sample that comes before its orders (OUL_R22).
    pub(super) sample_before: Option<usize>,
}

/// A document with its content.
pub(super) struct Document<'r> {
    pub(super) unit: Unit<'r>,
    pub(super) observations: Vec<Unit<'r>>,
}

/// An appointment with its resources: AIS, AIG, AIL, AIP.
pub(super) struct Schedule<'r> {
    pub(super) unit: Unit<'r>,
    pub(super) timing: Vec<Seg<'r>>,
    pub(super) resources: Vec<Unit<'r>>,
}

/// What follows a patient, in the order of the message.
pub(super) enum Item<'r> {
    /// PV1 with PV2 and the roles in the visit.
    Visit(Unit<'r>),
    /// A segment of the patient or the visit: NK1, AL1, DG1, IN1, …
    Single(Unit<'r>),
    /// An observation about the patient.
    Observation(Unit<'r>),
    Order(Order<'r>),
    Sample(Sample<'r>),
    Document(Document<'r>),
    Schedule(Schedule<'r>),
}

impl<'r> Item<'r> {
    /// The first segment, where it tells of somebody's health or visit.
    pub(super) fn clinical(&self) -> Option<Seg<'r>> {
        const SINGLE: &[&str] = &["AL1", "IAM", "DG1", "PRB", "PR1", "GOL", "FT1", "IN1", "NK1"];
        match self {
            Self::Single(unit) => SINGLE
                .contains(&unit.seg.segment().id().as_str())
                .then_some(unit.seg),
            Self::Visit(unit) | Self::Observation(unit) => Some(unit.seg),
            Self::Order(order) => {
                let pharmacy = order.pharmacy.first().map(|item| &item.unit);
                let unit = order.orc.as_ref().or(order.detail.as_ref()).or(pharmacy);
                unit.or(order.observations.first()).map(|unit| unit.seg)
            }
            Self::Sample(sample) => Some(sample.unit.seg),
            Self::Document(document) => Some(document.unit.seg),
            Self::Schedule(schedule) => Some(schedule.unit.seg),
        }
    }
}

/// A patient with what follows.
#[derive(Default)]
pub(super) struct PatientGroup<'r> {
    /// PID with PD1, MRG and the roles of the patient.
    pub(super) pid: Option<Unit<'r>>,
    pub(super) items: Vec<Item<'r>>,
}

/// A message, grouped.
pub(super) struct Grouped<'r> {
    /// MSH, EVN, SFT, MSA, … and what else comes before the first patient.
    pub(super) head: Vec<Seg<'r>>,
    pub(super) patients: Vec<PatientGroup<'r>>,
}

/// Segments that open a message, and continue its head.
const HEAD: &[&str] = &[
    "MSH", "EVN", "SFT", "UAC", "MSA", "ERR", "QRD", "QRF", "QPD", "QAK", "RCP", "DSC", "FHS", "BHS", "BTS",
    "FTS", "ARV", "NPU",
];

/// Whether a segment is of the head of a message, and says nothing of a patient.
pub(super) fn is_head(seg: &Seg<'_>) -> bool {
    HEAD.contains(&seg.segment().id().as_str())
}

/// Groups the segments of a message. `samples_first`: specimens come before their orders (OUL_R22, OUL_R23).
pub(super) fn group<'r>(segments: impl Iterator<Item = Seg<'r>>, samples_first: bool) -> Grouped<'r> {
    let mut walk = Walk {
        grouped: Grouped {
            head: Vec::new(),
            patients: Vec::new(),
        },
        samples_first,
        sample: None,
        waiting: Vec::new(),
    };
    for seg in segments {
        walk.take(seg);
    }
    walk.finish()
}

struct Walk<'r> {
    grouped: Grouped<'r>,
    samples_first: bool,
    /// The sample that following orders are about.
    sample: Option<usize>,
    /// Segments of a schedule or a referral that come before the patient.
    waiting: Vec<Item<'r>>,
}

impl<'r> Walk<'r> {
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

    fn take(&mut self, seg: Seg<'r>) {
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

    fn finish(mut self) -> Grouped<'r> {
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
