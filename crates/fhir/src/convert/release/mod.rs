//! Resources of other releases of FHIR, read as R4 says them.

mod codeable_reference;
mod encounter;
mod former;
mod later;
mod unread;

use ehr_types::{Finding, SourceLocation};

use super::json::Tree;

pub(super) use former::{MEDICATION_ORDER, MODIFIERS, is_modifier};

/// A resource of another release.
pub(super) struct Foreign {
    /// As R4 says it.
    pub(super) in_r4: Tree,
    is_former: bool,
    is_later: bool,
}

/// A resource that says something as R4 does not; `None` for all others.
pub(super) fn foreign(resource: &Tree) -> Option<Foreign> {
    let mut in_r4 = resource.clone();
    former::say_in_r4(&mut in_r4);
    let former = (in_r4 != *resource).then(|| in_r4.clone());
    later::say_in_r4(&mut in_r4);
    let is_later = in_r4 != *former.as_ref().unwrap_or(resource);
    let is_former = former.is_some();
    (is_former || is_later).then_some(Foreign {
        in_r4,
        is_former,
        is_later,
    })
}

impl Foreign {
    /// That it was read as a resource of R4.
    pub(super) fn findings(&self, place: &SourceLocation) -> impl Iterator<Item = Finding> {
        let former = Finding::warning(
            "fhir.release.former",
            place.clone(),
            "the resource has members of a release of FHIR before R4: they are read as R4 says it",
        );
        let later = Finding::warning(
            "fhir.release.later",
            place.clone(),
            "the resource has members of FHIR R5: they are read as R4 says it",
        );
        let told = [(self.is_former, former), (self.is_later, later)];
        told.into_iter().filter_map(|(is, finding)| is.then_some(finding))
    }
}

/// What a resource says as R5 does, where that was not read as R4.
pub(super) fn unread(resource: &Tree, place: &SourceLocation) -> impl Iterator<Item = Finding> {
    unread::unread(resource).map(|member| {
        let mut place = place.clone();
        place.path = format!("{}.{member}", place.path);
        Finding::warning(
            "fhir.release.later.unread",
            place,
            "this is of FHIR R5, and R4 does not say it so: it is kept as it is, and not read",
        )
    })
}
