//! What clinical statements have in common: negation, status, times, codes, indications, statements inside.

use ehr_model::{Occurrence, RecordClass, Reference, Status};
use ehr_types::{CodeableConcept, DateTime};

use super::importer::{Importer, Scope};
use super::kind::{leading_concepts, read_code, says_kind};
use super::phrase::{Said, said_by};
use super::vocabulary::{Map, status, translate};
use crate::datatype::Interval;
use crate::section::is_statement;
use crate::template::SectionKind;
use crate::xml::Element;

/// Template of indications.
const INDICATION: &str = "2.16.840.1.113883.10.20.22.4.19";

/// Whether `negationInd` is true.
pub(super) fn negated(statement: Element<'_>) -> bool {
    matches!(statement.attribute("negationInd"), Some("true" | "1"))
}

/// Whether a statement was entered in error.
pub(super) fn nullified(statement: Element<'_>) -> bool {
    let status = statement.peek().child("statusCode");
    status.and_then(|status| status.attribute("code")) == Some("nullified")
}

/// Whether a statement was entered in error, itself or with an organizer that it is part of.
pub(super) fn retracted(statement: Element<'_>) -> bool {
    let mut around = std::iter::successors(statement.parent(), |element| element.parent());
    nullified(statement) || around.any(|around| around.is("organizer") && nullified(around))
}

/// Whether a related statement is negated, entered in error or null as a whole, so that it must not be read into another
/// record as a thing that is.
pub(super) fn denied(statement: Element<'_>) -> bool {
    let statement = statement.peek();
    negated(statement) || nullified(statement) || statement.null_flavor().is_some()
}

/// Whether a statement is null as a whole and says nothing all the same.
pub(super) fn says_nothing(statement: Element<'_>) -> bool {
    let statement = statement.peek();
    statement.null_flavor().is_some() && names_nothing(statement)
}

/// Whether neither the codes nor the words of a statement name anything.
pub(super) fn names_nothing(statement: Element<'_>) -> bool {
    let statement = statement.peek();
    let names = |concept: &CodeableConcept| concept.label().is_some() && !says_kind(concept);
    statement.child("text").and_then(Element::deep_text).is_none()
        && !leading_concepts(statement).iter().any(names)
}

/// Whether all that a statement names, in words, is that the source does not know: `No information about medications`.
pub(super) fn is_unknown(statement: Element<'_>, list: SectionKind) -> bool {
    let named: Vec<_> = leading_concepts(statement)
        .into_iter()
        .filter(|concept| concept.label().is_some() && !says_kind(concept))
        .collect();
    let is_unknown = |concept: &CodeableConcept| said_by(list, concept) == Some(Said::Unknown);
    !named.is_empty() && named.iter().all(is_unknown)
}

/// Lets the status say that a negated statement is not so. One that was entered in error stays just that.
pub(super) fn deny(status: &mut Option<Status>, code: &str) {
    let status = status.get_or_insert_default();
    if !status.is("entered-in-error") {
        status.code = Some(code.to_owned());
    }
}

/// The `statusCode` of a statement by a map.
pub(super) fn status_of(statement: Element<'_>, map: Map) -> Option<Status> {
    let mut status = status(statement.child("statusCode"), map);
    if retracted(statement) {
        status.get_or_insert_default().code = translate(map, "nullified").map(str::to_owned);
    }
    status
}

/// The interval of the first `effectiveTime`.
pub(super) fn time_of(statement: Element<'_>) -> Interval {
    statement
        .child("effectiveTime")
        .map(Element::to_interval)
        .unwrap_or_default()
}

/// A point in time where there is one, else a period.
pub(super) fn occurrence(time: &Interval) -> Option<Occurrence> {
    time.point()
        .map(Occurrence::DateTime)
        .or_else(|| time.period().map(Occurrence::Period))
}

/// Whether a time says that a thing is over: it has an end, or (in C-CDA) a beginning and an end that is not known.
/// Senders that know neither write both as unknown, which says nothing.
pub(super) fn ended(time: &Interval) -> bool {
    let unknown_end = time
        .high_absent
        .as_ref()
        .is_some_and(|absent| absent.source_code.as_deref() == Some("UNK"));
    time.high.is_some() || (unknown_end && time.low.is_some())
}

/// Whether the statement has this template.
pub(super) fn has_template(statement: Element<'_>, root: &str) -> bool {
    statement
        .children("templateId")
        .any(|id| id.peek().attribute("root") == Some(root))
}

/// Whether the statement's code (or a translation) is this.
pub(super) fn has_code(statement: Element<'_>, system: &str, code: &str) -> bool {
    statement
        .child("code")
        .is_some_and(|element| element.has_code(system, code))
}

/// The `code`, as the source says it; `None` when it says nothing.
pub(super) fn code_of(statement: Element<'_>) -> Option<CodeableConcept> {
    let concept = statement.child("code").and_then(Element::to_concept)?;
    in_words(Some(concept), statement)
}

/// A concept that names nothing, in the words of the statement where it has some: what is denied must not be without a name.
pub(super) fn in_words(concept: Option<CodeableConcept>, statement: Element<'_>) -> Option<CodeableConcept> {
    if concept.as_ref().is_some_and(|concept| concept.label().is_some()) {
        return concept;
    }
    let words = statement
        .child("text")
        .and_then(|text| text.to_encapsulated().text);
    match words {
        Some(words) => Some(CodeableConcept {
            text: Some(words),
            ..concept.unwrap_or_default()
        }),
        None => concept,
    }
}

/// The coded children of this name that say something.
pub(super) fn concepts(statement: Element<'_>, name: &'static str) -> Vec<CodeableConcept> {
    let concepts = statement.children(name).filter_map(Element::to_concept);
    concepts.filter(|concept| concept.label().is_some()).collect()
}

/// SNOMED CT attributes that say where a thing is: laterality, finding site, procedure site.
const SITE_ATTRIBUTES: [&str; 5] = ["272741003", "363698007", "363704007", "405813007", "405814001"];

/// Where it is in the body: the target sites, and what qualifiers of those, of the code and of the value say of side and site.
pub(super) fn sites(statement: Element<'_>) -> Vec<CodeableConcept> {
    let mut out = concepts(statement, "targetSiteCode");
    let places = ["targetSiteCode", "code", "value"];
    let qualified = places.into_iter().flat_map(|name| statement.children(name));
    for qualifier in qualified.flat_map(|coded| coded.children("qualifier")) {
        let name = qualifier.child("name");
        let attribute = name.and_then(|name| name.peek().attribute("code"));
        if attribute.is_some_and(|code| SITE_ATTRIBUTES.contains(&code))
            && let Some(site) = qualifier.child("value").and_then(Element::to_concept)
        {
            name.map(Element::to_coding);
            out.push(site);
        }
    }
    out
}

/// The statements directly related to this one, with the type of the relation.
pub(super) fn related(statement: Element<'_>) -> Vec<(&str, Element<'_>)> {
    let relations = statement
        .elements()
        .filter(|e| e.is("entryRelationship") || e.is("component"));
    relations
        .flat_map(|relation| {
            let kind = relation.peek().attribute("typeCode").unwrap_or_default();
            relation
                .elements()
                .filter(|inner| is_statement(*inner))
                .map(move |inner| (kind, inner))
        })
        .collect()
}

impl<'d> Importer<'d> {
    /// Related statements that have not been read into another record yet.
    pub(super) fn open_related(&self, statement: Element<'d>) -> Vec<(&'d str, Element<'d>)> {
        related(statement)
            .into_iter()
            .filter(|(_, inner)| !self.is_consumed(*inner))
            .collect()
    }

    /// The first related observation with this LOINC, ActCode or SNOMED code, or this template; read from now on.
    pub(super) fn take_observation(
        &mut self,
        statement: Element<'d>,
        codes: &[(&str, &str)],
        templates: &[&str],
    ) -> Option<Element<'d>> {
        let found = self
            .open_related(statement)
            .into_iter()
            .map(|(_, inner)| inner)
            .find(|inner| {
                inner.is("observation")
                    && !denied(*inner)
                    && (codes.iter().any(|(system, code)| has_code(*inner, system, code))
                        || templates.iter().any(|root| has_template(*inner, root)))
            })?;
        self.consume(found);
        read_outline(found);
        read_code(found);
        Some(found)
    }

    /// Why: indications given as related observations (or acts) of type RSON.
    pub(super) fn reasons(&mut self, statement: Element<'d>) -> (Vec<CodeableConcept>, Vec<Reference>) {
        let (mut codes, mut references) = (Vec::new(), Vec::new());
        for (kind, inner) in self.open_related(statement) {
            let indication = kind == "RSON" || has_template(inner, INDICATION);
            if !indication || !inner.is("observation") || denied(inner) {
                continue;
            }
            if let Some(known) = self
                .same_native(inner)
                .filter(|id| id.class == RecordClass::Condition)
            {
                references.push(Reference::to(known));
            }
            let value = inner
                .child("value")
                .and_then(Element::to_concept)
                .filter(|value| value.absent.is_none() || value.label().is_some());
            // A code that says only of what kind the observation is, is no reason.
            let code = || {
                let code = inner.child("code")?;
                let concept = code.peek().to_concept()?;
                (concept.label().is_some() && !says_kind(&concept)).then(|| code.to_concept())?
            };
            let text = || {
                inner
                    .child("text")?
                    .to_encapsulated()
                    .text
                    .map(CodeableConcept::from_text)
            };
            let concept = value.or_else(code).or_else(text);
            if let Some(concept) = concept {
                self.consume(inner);
                read_outline(inner);
                read_code(inner);
                // The time of the indication is that of the condition, which is kept elsewhere.
                codes.push(concept);
            } else if has_template(inner, INDICATION) {
                // One that names no condition is none.
                self.consume(inner);
            }
        }
        (codes, references)
    }

    /// The encounter that a statement belongs to: the one around it, else that of the document.
    pub(super) fn encounter_of(&self, scope: &Scope) -> Option<Reference> {
        encounter_around(scope).or_else(|| self.context())
    }

    /// Makes entries of all related statements that no record has read, each linked to `about`.
    pub(super) fn rest(&mut self, statement: Element<'d>, scope: &Scope) -> Vec<Reference> {
        let mut out = Vec::new();
        for (_, inner) in self.open_related(statement) {
            out.extend(self.statement(inner, scope));
        }
        out
    }

    /// The time and people of a statement's own authors that can be recorders: people, not devices.
    pub(super) fn recorder(&mut self, statement: Element<'d>) -> (Option<Reference>, Option<DateTime>) {
        let mut at = Some(statement);
        // The concern act around an observation may hold its author.
        for _ in 0..3 {
            let Some(element) = at else { break };
            if element.is("section") || element.is("ClinicalDocument") {
                break;
            }
            let (authors, time) = self.own_authors(element);
            if !authors.is_empty() || time.is_some() {
                return (authors.into_iter().rfind(is_person), time);
            }
            at = element.parent();
        }
        (None, None)
    }
}

/// Reads what a statement that was understood as a whole says only by form: its mood, its status and its reference into
/// the narrative. Never its negation, which is not form.
pub(super) fn read_outline(statement: Element<'_>) {
    if let Some(status) = statement.child("statusCode") {
        status.attribute("code");
        status.null_flavor();
    }
    if let Some(reference) = statement.child("text").and_then(|text| text.child("reference")) {
        reference.attribute("value");
    }
    statement.attribute("moodCode");
}

/// The encounter around a statement.
pub(super) fn encounter_around(scope: &Scope) -> Option<Reference> {
    scope
        .focus
        .as_ref()
        .filter(|id| id.class == RecordClass::Encounter)
        .map(Reference::to)
}

pub(super) fn part_of(scope: &Scope) -> Vec<Reference> {
    let fits = |class| {
        matches!(
            class,
            RecordClass::Procedure | RecordClass::Observation | RecordClass::MedicationAdministration
        )
    };
    scope
        .focus
        .iter()
        .filter(|id| fits(id.class))
        .map(Reference::to)
        .collect()
}

/// Whether this is someone who can perform: a person or an organization, not a device.
pub(super) fn is_actor(reference: &Reference) -> bool {
    is_person(reference) || reference.class == Some(RecordClass::Organization)
}

pub(super) fn is_person(reference: &Reference) -> bool {
    matches!(
        reference.class,
        Some(
            RecordClass::Practitioner
                | RecordClass::PractitionerRole
                | RecordClass::Patient
                | RecordClass::RelatedPerson
        )
    )
}
