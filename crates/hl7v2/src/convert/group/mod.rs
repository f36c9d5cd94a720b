//! Which segments belong together, by what they are and where they stand.
//!
//! The walk needs no message template: it works on messages of any event, of any version, and on those that do not keep to
//! their structure. A segment that no rule speaks of is kept as one of the patient it follows.

mod walk;

use super::reading::Seg;
use walk::Walk;

/// A segment with the segments that say more about it.
pub(in crate::convert) struct Unit<'r> {
    pub(in crate::convert) seg: Seg<'r>,
    /// NTE.
    pub(in crate::convert) notes: Vec<Seg<'r>>,
    /// ROL, PRT, and others that continue it (PD1, PV2, IN2, IN3, …).
    pub(in crate::convert) more: Vec<Seg<'r>>,
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
    pub(in crate::convert) fn segments(&self) -> Vec<Seg<'r>> {
        let mut all = vec![self.seg];
        all.extend(&self.more);
        all.extend(&self.notes);
        all
    }

    /// The segments of a name among those that say more.
    pub(in crate::convert) fn more(&self, id: &'static str) -> impl Iterator<Item = Seg<'r>> + use<'_, 'r> {
        self.more.iter().copied().filter(move |seg| seg.is(id))
    }
}

/// SPM with its observations.
pub(in crate::convert) struct Sample<'r> {
    pub(in crate::convert) unit: Unit<'r>,
    pub(in crate::convert) observations: Vec<Unit<'r>>,
}

/// A pharmacy segment (RXO, RXE, RXD, RXG, RXA) with its routes, components and observations.
pub(in crate::convert) struct Pharmacy<'r> {
    pub(in crate::convert) unit: Unit<'r>,
    pub(in crate::convert) routes: Vec<Seg<'r>>,
    pub(in crate::convert) components: Vec<Seg<'r>>,
    pub(in crate::convert) timing: Vec<Seg<'r>>,
    pub(in crate::convert) observations: Vec<Unit<'r>>,
}

impl<'r> Pharmacy<'r> {
    pub(in crate::convert) fn segments(&self) -> Vec<Seg<'r>> {
        let mut all = self.unit.segments();
        all.extend(&self.timing);
        all.extend(&self.routes);
        all.extend(&self.components);
        all
    }
}

/// An order with what was ordered and what came of it.
#[derive(Default)]
pub(in crate::convert) struct Order<'r> {
    pub(in crate::convert) orc: Option<Unit<'r>>,
    /// OBR, or ODS, ODT, RQD, RF1 where these say what is ordered.
    pub(in crate::convert) detail: Option<Unit<'r>>,
    pub(in crate::convert) timing: Vec<Seg<'r>>,
    pub(in crate::convert) diagnoses: Vec<Unit<'r>>,
    pub(in crate::convert) observations: Vec<Unit<'r>>,
    pub(in crate::convert) samples: Vec<Sample<'r>>,
    pub(in crate::convert) pharmacy: Vec<Pharmacy<'r>>,
    /// Position among the items of the sample that comes before its orders (OUL_R22).
    pub(in crate::convert) sample_before: Option<usize>,
}

/// A document with its content.
pub(in crate::convert) struct Document<'r> {
    pub(in crate::convert) unit: Unit<'r>,
    pub(in crate::convert) observations: Vec<Unit<'r>>,
}

/// An appointment with its resources: AIS, AIG, AIL, AIP.
pub(in crate::convert) struct Schedule<'r> {
    pub(in crate::convert) unit: Unit<'r>,
    pub(in crate::convert) timing: Vec<Seg<'r>>,
    pub(in crate::convert) resources: Vec<Unit<'r>>,
}

/// What follows a patient, in the order of the message.
pub(in crate::convert) enum Item<'r> {
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
    pub(in crate::convert) fn clinical(&self) -> Option<Seg<'r>> {
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
pub(in crate::convert) struct PatientGroup<'r> {
    /// PID with PD1, MRG and the roles of the patient.
    pub(in crate::convert) pid: Option<Unit<'r>>,
    pub(in crate::convert) items: Vec<Item<'r>>,
}

/// A message, grouped.
pub(in crate::convert) struct Grouped<'r> {
    /// MSH, EVN, SFT, MSA, … and what else comes before the first patient.
    pub(in crate::convert) head: Vec<Seg<'r>>,
    pub(in crate::convert) patients: Vec<PatientGroup<'r>>,
}

/// Segments that open a message, and continue its head.
const HEAD: &[&str] = &[
    "MSH", "EVN", "SFT", "UAC", "MSA", "ERR", "QRD", "QRF", "QPD", "QAK", "RCP", "DSC", "FHS", "BHS", "BTS",
    "FTS", "ARV", "NPU",
];

/// Whether a segment is of the head of a message, and says nothing of a patient.
pub(in crate::convert) fn is_head(seg: &Seg<'_>) -> bool {
    HEAD.contains(&seg.segment().id().as_str())
}

/// Groups the segments of a message. `samples_first`: specimens come before their orders (OUL_R22, OUL_R23).
pub(in crate::convert) fn group<'r>(
    segments: impl Iterator<Item = Seg<'r>>,
    samples_first: bool,
) -> Grouped<'r> {
    let mut walk = Walk::new(samples_first);
    for seg in segments {
        walk.take(seg);
    }
    walk.finish()
}
