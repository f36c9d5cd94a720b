//! A24 and A37: whether the two patients of a message are one person.

use ehr_model::{Entry, EntryId, IdentityStatement, Record, Reference, Residual};
use ehr_types::{Finding, Identifier, SourceLocation};

use super::conversion::Header;
use super::demographics::Demographics;
use super::group::Grouped;
use super::patient::other_patient;
use super::reading::{Reading, Seg};
use super::registration::identifiers;

/// What the event of a message says of a patient and another one of the message.
pub(super) struct Link {
    /// Position of the patient whose chart it belongs to.
    pub(super) position: usize,
    /// The other patient, where both are one beyond doubt.
    pub(super) other: Option<Identifier>,
    /// `None` where there is nothing by which others could know the two.
    pub(super) statement: Option<IdentityStatement>,
}

/// What is known of a patient of the message.
pub(super) struct Party {
    /// The patient entry: one entry for two patients cannot be parted.
    pub(super) id: EntryId,
    pub(super) demographics: Demographics,
}

/// What A24 and A37 say. `parties` are the patients, by position.
pub(super) fn links(
    reading: &Reading<'_>,
    grouped: &Grouped<'_>,
    header: &Header,
    parties: &[Option<Party>],
) -> Vec<Link> {
    let is_one_person = match header.event.to_ascii_uppercase().as_str() {
        "A24" => true,
        "A37" => false,
        _ => return Vec::new(),
    };
    let known: Vec<Known<'_>> = grouped
        .patients
        .iter()
        .zip(parties)
        .map(|(patient, party)| {
            let seg = patient.pid.as_ref().map(|pid| pid.seg);
            let number = seg.and_then(|seg| seg.all(3).find_map(|at| header.sender.number(at)));
            let mut all = seg.map_or_else(Vec::new, |seg| identifiers(seg, &header.sender));
            all.retain(|identifier| identifier.is_same_as(identifier));
            Known {
                seg,
                party: party.as_ref(),
                number,
                all,
            }
        })
        .collect();
    let mut links = Vec::new();
    // The event is one of two patients; of more, the first is linked to each.
    let first = known.first();
    for (position, other) in known.iter().enumerate().skip(1) {
        let Some(first) = first else { break };
        let statement = first.and(other, is_one_person, header);
        let is_doubtful = is_one_person && first.is_unlike(other);
        if let Some(pid) = other.seg.filter(|_| is_doubtful) {
            reading.note(Finding::error(
                "v2.link.contradicted",
                pid.location(),
                "the event says that this patient and another one are one person, but two of given name, sex and birth date \
                 differ: that is stated, but no link is made of it, and whether it is so is for a person to decide",
            ));
        }
        for (position, other) in [(0, other), (position, first)] {
            links.push(Link {
                position,
                other: other.number.clone().filter(|_| is_one_person && !is_doubtful),
                statement: statement.clone(),
            });
        }
    }
    if !is_one_person {
        note(reading, &links);
    }
    links
}

/// What a patient of the message is known by.
struct Known<'r> {
    seg: Option<Seg<'r>>,
    party: Option<&'r Party>,
    /// The first identifier.
    number: Option<Identifier>,
    /// Those of one person that mean something outside of the message.
    all: Vec<Identifier>,
}

impl Known<'_> {
    fn id(&self) -> Option<&EntryId> {
        self.party.map(|party| &party.id)
    }

    fn is_unlike(&self, other: &Self) -> bool {
        let parties = self.party.zip(other.party);
        parties.is_some_and(|(one, other)| one.demographics.is_unlike(&other.demographics))
    }

    fn and(&self, other: &Self, is_one_person: bool, header: &Header) -> Option<IdentityStatement> {
        if self.id().is_none() || other.id().is_none() || self.id() == other.id() {
            return None;
        }
        Some(IdentityStatement {
            patient: self.beside(other),
            other: other.beside(self),
            is_one_person,
            recorded: header.provenance.recorded,
        })
    }

    /// References to the patient, without identifiers that the other has too.
    fn beside(&self, other: &Self) -> Vec<Reference> {
        let is_shared = |own: &&Identifier| other.all.iter().any(|theirs| theirs.is_same_as(own));
        let own = self.all.iter().filter(|own| !is_shared(own)).cloned();
        let entry = self.id().into_iter().map(Reference::to);
        entry.chain(own.map(other_patient)).collect()
    }
}

/// Says what becomes of A37.
fn note(reading: &Reading<'_>, links: &[Link]) {
    let is_applied = !links.is_empty() && links.iter().all(|link| link.statement.is_some());
    for seg in reading.segments().filter(|seg| seg.is("MSH")) {
        let location = seg.at(9).location();
        reading.note(if is_applied {
            Finding::information(
                "v2.link.undone",
                location,
                "the event says that the two patients are not one; unless it is said later that they are, their charts stay apart",
            )
        } else {
            Finding::warning(
                "v2.link.not-applied",
                location,
                "the event says that two patients are not one, but does not name two, or names them by identifiers that they share",
            )
        });
    }
}

/// Takes back the links of a patient that a later event has undone.
pub(super) fn unlink(entry: &mut Entry, statements: &[IdentityStatement]) {
    let parted: Vec<&Reference> = IdentityStatement::standing(statements)
        .into_iter()
        .filter(|statement| !statement.is_one_person)
        .flat_map(|statement| statement.patient.iter().chain(&statement.other))
        .collect();
    let Record::Patient(patient) = &mut entry.record else {
        return;
    };
    let place = &entry.origin.location;
    let residual = &mut entry.residual;
    patient.link.retain(|link| {
        let number = link.other.as_ref().and_then(|other| other.identifier.as_ref());
        let is_parted = number.is_some_and(|number| {
            let mut parted = parted
                .iter()
                .filter_map(|reference| reference.identifier.as_ref());
            parted.any(|parted| parted.is_same_as(number))
        });
        let stays = link.type_.as_deref() != Some("seealso") || !is_parted;
        if !stays {
            residual.push(Residual {
                location: SourceLocation {
                    path: format!("{}#link", place.path),
                    ..place.clone()
                },
                content: number.and_then(|number| number.value.clone()).unwrap_or_default(),
            });
        }
        stays
    });
}
