//! Where an invariant is checked, and how it says that it does not hold.

use std::borrow::Cow;

use ehr_types::Severity;

use crate::element::{Field, Str};

/// An invariant that does not hold.
pub(crate) struct BrokenRule {
    pub(crate) key: &'static str,
    pub(crate) severity: Severity,
    /// Member of the element that is at fault, or a path from the element to it; the element itself when empty.
    pub(crate) member: Cow<'static, str>,
    pub(crate) message: &'static str,
}

impl BrokenRule {
    /// The code of the finding: the keys of the specification are invariants.
    pub(crate) fn code(&self) -> Cow<'static, str> {
        if self.key.starts_with("fhir.") {
            Cow::Borrowed(self.key)
        } else {
            Cow::Owned(format!("fhir.invariant.{}", self.key))
        }
    }
}

/// A reference by `urn:`, which is to an entry of the Bundle around it: nothing else says where its resource is.
pub(crate) struct UrnReference {
    pub(crate) url: Str,
    /// The member that is the reference.
    pub(crate) field: Option<&'static Field>,
    /// Where the Reference starts in the source.
    pub(crate) start: usize,
    /// What is wrong with it, as far as the Bundle tells: code, severity, message.
    pub(crate) fault: Option<(&'static str, Severity, &'static str)>,
}

/// What the check of one element may see around it.
pub struct Scope<'s> {
    pub(crate) rules: &'s mut Vec<BrokenRule>,
    /// Where the element starts in the source.
    pub(crate) start: usize,
    /// The member of the parent that holds the element; `None` for the root.
    pub(crate) field: Option<&'static Field>,
    /// Ids that references of the form `#id` name.
    pub(crate) locals: &'s mut Vec<Str>,
    /// References by `urn:` so far.
    pub(crate) urns: &'s mut Vec<UrnReference>,
}

impl Scope<'_> {
    /// Reports an error unless `holds`.
    pub(crate) fn require(
        &mut self,
        holds: bool,
        key: &'static str,
        member: &'static str,
        message: &'static str,
    ) {
        if !holds {
            self.broken(key, member.into(), message);
        }
    }

    /// Reports an error at a member that is found by its path from the element: `address[1]`.
    #[cold]
    pub(crate) fn broken(&mut self, key: &'static str, member: Cow<'static, str>, message: &'static str) {
        self.rules.push(BrokenRule {
            key,
            severity: Severity::Error,
            member,
            message,
        });
    }

    /// Notes a reference to a contained resource, to be looked up when the whole resource is read.
    pub(crate) fn local_reference(&mut self, id: &str) {
        self.locals.push(id.into());
    }

    /// Notes a reference by `urn:`, to be looked up when the Bundle around it is read.
    pub(crate) fn urn_reference(&mut self, url: &Str) {
        self.urns.push(UrnReference {
            url: url.clone(),
            field: self.field,
            start: self.start,
            fault: None,
        });
    }
}
