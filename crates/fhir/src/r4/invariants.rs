//! Invariants that need values, by the keys of the specification. Those that say only which elements stand together are
//! in the type tables (see `xtask/src/fhir/rules.rs`); dom-2 to dom-5 and ref-1 need the whole resource and are with the
//! reader. Warnings of the specification that are advice on style (dom-6, names of artifacts) are not checked.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use ehr_types::{DateTime, Decimal, TimeRelation};

use crate::element::{Element, Field, Kind, Node};
use crate::r4::generated::RESOURCE_NAMES;
use crate::r4::*;
use crate::scope::Scope;

const UCUM: &str = "http://unitsofmeasure.org";

/// Whether a member has a value, or stands there in a form that its field cannot hold.
fn exists(node: &dyn Node, field: bool, name: &str) -> bool {
    field || node.extra().is_some_and(|extra| extra.mentions(name))
}

fn has_coding(concept: Option<&CodeableConcept>, system: &str, codes: &[&str]) -> bool {
    concept.is_some_and(|concept| {
        concept.coding.iter().any(|coding| {
            coding.system.as_deref() == Some(system)
                && coding.code.as_deref().is_some_and(|code| codes.contains(&code))
        })
    })
}

fn later(start: &DateTime, end: &DateTime) -> bool {
    start.relation(end) == TimeRelation::After
}

fn distinct<'a>(items: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = BTreeSet::new();
    let mut items = items;
    items.all(|item| seen.insert(item))
}

fn zero() -> Option<Decimal> {
    Decimal::parse("0").ok()
}

/// `None` when a part is missing or the units differ.
fn compare(low: &Quantity, high: &Quantity) -> Option<Ordering> {
    let same = |a: &Option<Str>, b: &Option<Str>| a.is_none() || b.is_none() || a == b;
    let comparable =
        same(&low.unit, &high.unit) && same(&low.code, &high.code) && same(&low.system, &high.system);
    match (&low.value, &high.value) {
        (Some(low), Some(high)) if comparable => Some(low.cmp(high)),
        _ => None,
    }
}

use crate::element::Str;

pub(crate) fn quantity(it: &Quantity, at: &mut Scope<'_>) {
    if at
        .field
        .is_some_and(|field| field.kind == Kind::Element("SimpleQuantity"))
    {
        at.require(
            it.comparator.is_none(),
            "sqty-1",
            "",
            "a SimpleQuantity has no comparator",
        );
    }
}

pub(crate) fn age(it: &Age, at: &mut Scope<'_>) {
    ucum(it.system.as_deref(), "age-1", at);
    let positive = it
        .value
        .as_ref()
        .zip(zero())
        .is_none_or(|(value, zero)| *value > zero);
    at.require(positive, "age-1", "", "an age is above zero");
}

pub(crate) fn count(it: &Count, at: &mut Scope<'_>) {
    ucum(it.system.as_deref(), "cnt-3", at);
    let whole = it
        .value
        .as_ref()
        .is_none_or(|value| !value.as_str().contains('.'));
    at.require(whole, "cnt-3", "", "a count is a whole number");
    at.require(
        it.code.as_deref().is_none_or(|code| code == "1"),
        "cnt-3",
        "",
        "the code of a count is 1",
    );
}

pub(crate) fn distance(it: &Distance, at: &mut Scope<'_>) {
    ucum(it.system.as_deref(), "dis-1", at);
}

pub(crate) fn duration(it: &Duration, at: &mut Scope<'_>) {
    if it.code.is_some() {
        at.require(
            it.system.as_deref() == Some(UCUM),
            "drt-1",
            "",
            "the unit of a duration is in UCUM",
        );
    }
}

fn ucum(system: Option<&str>, key: &'static str, at: &mut Scope<'_>) {
    at.require(
        system.is_none_or(|system| system == UCUM),
        key,
        "",
        "the unit must be in UCUM",
    );
}

pub(crate) fn period(it: &Period, at: &mut Scope<'_>) {
    if let (Some(start), Some(end)) = (&it.start, &it.end) {
        at.require(!later(start, end), "per-1", "", "the end is before the start");
    }
}

pub(crate) fn range(it: &Range, at: &mut Scope<'_>) {
    if let (Some(low), Some(high)) = (&it.low, &it.high) {
        at.require(
            compare(low, high) != Some(Ordering::Greater),
            "rng-2",
            "",
            "low is above high",
        );
    }
}

pub(crate) fn timing_repeat(it: &TimingRepeat, at: &mut Scope<'_>) {
    let negative = |value: &Option<Decimal>| {
        value
            .as_ref()
            .zip(zero())
            .is_some_and(|(value, zero)| *value < zero)
    };
    at.require(!negative(&it.duration), "tim-4", "", "the duration is below zero");
    at.require(!negative(&it.period), "tim-5", "", "the period is below zero");
    if it.offset.is_some() && !it.when.is_empty() {
        let meal = it.when.iter().any(|when| {
            matches!(
                when,
                EventTiming::C | EventTiming::CM | EventTiming::CD | EventTiming::CV
            )
        });
        at.require(
            !meal,
            "tim-9",
            "",
            "an offset needs an event that is not a meal itself",
        );
    }
}

pub(crate) fn narrative(it: &Narrative, at: &mut Scope<'_>) {
    if let Some(div) = &it.div {
        let mut text = false;
        let mut inside = false;
        for byte in div.bytes() {
            match byte {
                b'<' => inside = true,
                b'>' => inside = false,
                _ => text |= !inside && !byte.is_ascii_whitespace(),
            }
        }
        at.require(
            text || div.contains("<img"),
            "txt-2",
            "div",
            "the narrative has no text",
        );
        let active = ["<script", "<form", "<object", "<iframe"]
            .iter()
            .any(|tag| div.contains(tag));
        at.require(!active, "txt-1", "div", "the narrative has active content");
    }
}

pub(crate) fn coding(it: &Coding, at: &mut Scope<'_>) {
    if let Some(set) = at.field.and_then(|field| field.binding)
        && let Some(code) = &it.code
    {
        let known = it
            .system
            .as_deref()
            .map_or_else(|| set.has_code(code), |system| set.has_coding(system, code));
        at.require(
            known,
            "fhir.code.unknown",
            "code",
            "the code is not in the required value set",
        );
    }
}

pub(crate) fn codeable_concept(it: &CodeableConcept, at: &mut Scope<'_>) {
    let Some(set) = at.field.and_then(|field| field.binding) else {
        return;
    };
    let known = it
        .coding
        .iter()
        .any(|coding| match (&coding.system, &coding.code) {
            (Some(system), Some(code)) => set.has_coding(system, code),
            _ => false,
        });
    if !known && it.coding.iter().any(|coding| coding.code.is_some()) {
        let of_system = |system: &Str| set.systems.iter().any(|(own, _)| own == system);
        let member = match it.coding.as_slice() {
            [one] if one.system.as_ref().is_some_and(of_system) => "coding[0].code",
            [_] => "coding[0]",
            _ => "",
        };
        at.require(
            false,
            "fhir.code.unknown",
            member,
            "no coding is in the required value set",
        );
    }
}

/// The resource type that a literal reference names: the segment before the id, or before a search.
pub(crate) fn reference_type(reference: &str) -> Option<&str> {
    let path = reference.split_once('?').map_or(reference, |(path, _)| path);
    let path = path.split_once("/_history/").map_or(path, |(path, _)| path);
    let name = if reference.contains('?') {
        path.rsplit('/').next()
    } else {
        path.rsplit('/').nth(1)
    }?;
    RESOURCE_NAMES.binary_search(&name).is_ok().then_some(name)
}

pub(crate) fn reference(it: &Reference, at: &mut Scope<'_>) {
    let targets = at.field.map_or(&[][..], |field: &Field| field.targets);
    let allowed = |name: &str| targets.is_empty() || targets.contains(&name);
    if let Some(reference) = &it.reference {
        if let Some(id) = reference.strip_prefix('#') {
            at.local_reference(id);
        } else if let Some(name) = reference_type(reference) {
            let message = "the reference is not to a type that is allowed here";
            at.require(allowed(name), "fhir.reference.target", "reference", message);
        }
    }
    if let Some(name) = it.r#type.as_deref()
        && RESOURCE_NAMES.binary_search(&name).is_ok()
    {
        at.require(
            allowed(name),
            "fhir.reference.target",
            "type",
            "the type is not one that is allowed here",
        );
    }
}

pub(crate) fn trigger_definition(it: &TriggerDefinition, at: &mut Scope<'_>) {
    let holds = match &it.r#type {
        Some(TriggerType::NamedEvent) => exists(it, it.name.is_some(), "name"),
        Some(TriggerType::Periodic) => it.timing.is_some(),
        Some(kind) if kind.as_str().starts_with("data-") => !it.data.is_empty(),
        _ => true,
    };
    at.require(
        holds,
        "trd-3",
        "",
        "the element that this type of trigger needs is missing",
    );
}

pub(crate) fn element_definition(it: &ElementDefinition, at: &mut Scope<'_>) {
    let max = it.max.as_deref();
    let number = max.and_then(|max| max.parse::<u32>().ok());
    at.require(
        max.is_none_or(|max| max == "*" || number.is_some()),
        "eld-3",
        "max",
        "max is a number or *",
    );
    if let (Some(min), Some(max)) = (it.min, number) {
        at.require(min <= max, "eld-2", "", "min is above max");
    }
    at.require(
        it.fixed.is_none() || it.r#type.len() <= 1,
        "eld-6",
        "",
        "a fixed value needs one type",
    );
    at.require(
        it.pattern.is_none() || it.r#type.len() <= 1,
        "eld-7",
        "",
        "a pattern needs one type",
    );
    let types = it.r#type.iter().filter_map(|kind| kind.code.as_deref());
    at.require(distinct(types), "eld-13", "", "a type stands twice");
    let keys = it
        .constraint
        .iter()
        .filter_map(|constraint| constraint.key.as_deref());
    at.require(distinct(keys), "eld-14", "", "a constraint stands twice");
    if it.content_reference.is_some() {
        let alone =
            it.r#type.is_empty() && it.default_value.is_none() && it.fixed.is_none() && it.pattern.is_none();
        let alone = alone && it.example.is_empty() && it.min_value.is_none() && it.max_value.is_none();
        let alone = alone && it.max_length.is_none() && it.binding.is_none();
        at.require(
            alone,
            "eld-5",
            "",
            "shared content has no type or values of its own",
        );
    }
}

pub(crate) fn element_definition_type(it: &ElementDefinitionType, at: &mut Scope<'_>) {
    let refers = matches!(it.code.as_deref(), None | Some("Reference" | "canonical"));
    at.require(
        refers || it.aggregation.is_empty(),
        "eld-4",
        "",
        "aggregation is for references",
    );
    at.require(
        refers || it.target_profile.is_empty(),
        "eld-17",
        "",
        "a target profile is for references",
    );
}

pub(crate) fn allergy_intolerance(it: &AllergyIntolerance, at: &mut Scope<'_>) {
    const SYSTEM: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
    let wrong = has_coding(it.verification_status.as_deref(), SYSTEM, &["entered-in-error"]);
    let clinical = exists(it, it.clinical_status.is_some(), "clinicalStatus");
    at.require(wrong || clinical, "ait-1", "", "clinicalStatus is missing");
    at.require(
        !wrong || !clinical,
        "ait-2",
        "",
        "clinicalStatus stands with entered-in-error",
    );
}

pub(crate) fn condition(it: &Condition, at: &mut Scope<'_>) {
    const VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
    const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let over = has_coding(
        it.clinical_status.as_deref(),
        CLINICAL,
        &["resolved", "remission", "inactive"],
    );
    at.require(
        it.abatement.is_none() || over,
        "con-4",
        "",
        "an abated condition is inactive, resolved or in remission",
    );
    let wrong = has_coding(
        it.verification_status.as_deref(),
        VERIFICATION,
        &["entered-in-error"],
    );
    let clinical = exists(it, it.clinical_status.is_some(), "clinicalStatus");
    at.require(
        !wrong || !clinical,
        "con-5",
        "",
        "clinicalStatus stands with entered-in-error",
    );
}

pub(crate) fn observation(it: &Observation, at: &mut Scope<'_>) {
    if it.value.is_some()
        && let Some(code) = &it.code
    {
        let own = |coding: &Coding| code.coding.contains(coding);
        let repeated = it
            .component
            .iter()
            .filter_map(|c| c.code.as_ref())
            .any(|code| code.coding.iter().any(own));
        at.require(
            !repeated,
            "obs-7",
            "",
            "a component repeats the code of an observation that has a value",
        );
    }
}

pub(crate) fn bundle(it: &Bundle, at: &mut Scope<'_>) {
    let Some(kind) = &it.r#type else { return };
    let is = |kinds: &[BundleType]| kinds.contains(kind);
    let history = is(&[BundleType::History]);
    let counted = history || is(&[BundleType::Searchset]);
    at.require(
        counted || it.total.is_none(),
        "bdl-1",
        "",
        "only a search or history has a total",
    );
    let searches = it.entry.iter().all(|entry| entry.search.is_none());
    at.require(
        is(&[BundleType::Searchset]) || searches,
        "bdl-2",
        "",
        "only a search has entry.search",
    );
    let asks = is(&[BundleType::Batch, BundleType::Transaction, BundleType::History]);
    let requests = it
        .entry
        .iter()
        .all(|entry| exists(entry, entry.request.is_some(), "request") == asks);
    at.require(
        requests,
        "bdl-3",
        "",
        "entry.request stands in batch, transaction and history, and only there",
    );
    let answers = is(&[
        BundleType::BatchResponse,
        BundleType::TransactionResponse,
        BundleType::History,
    ]);
    let responses = it
        .entry
        .iter()
        .all(|entry| exists(entry, entry.response.is_some(), "response") == answers);
    at.require(
        responses,
        "bdl-4",
        "",
        "entry.response stands in responses and history, and only there",
    );
    if !history {
        let mut seen = BTreeSet::new();
        let unique = it.entry.iter().all(|entry| {
            entry.full_url.as_deref().is_none_or(|url| {
                let version = entry.resource.as_ref().and_then(Resource::version_id);
                seen.insert((url, version))
            })
        });
        at.require(unique, "bdl-7", "", "a fullUrl stands twice");
    }
    if is(&[BundleType::Document]) {
        let identified = it.identifier.as_ref().is_some_and(|id| {
            exists(id.as_ref(), id.system.is_some(), "system")
                && exists(id.as_ref(), id.value.is_some(), "value")
        });
        at.require(
            identified,
            "bdl-9",
            "",
            "a document has an identifier with system and value",
        );
        at.require(
            exists(it, it.timestamp.is_some(), "timestamp"),
            "bdl-10",
            "",
            "a document has a timestamp",
        );
    }
    let first = it.entry.first().and_then(|entry| entry.resource.as_ref());
    if is(&[BundleType::Document]) && !it.entry.is_empty() {
        at.require(
            matches!(first, Some(Resource::Composition(_))),
            "bdl-11",
            "",
            "a document starts with a Composition",
        );
    }
    if is(&[BundleType::Message]) && !it.entry.is_empty() {
        at.require(
            matches!(first, Some(Resource::MessageHeader(_))),
            "bdl-12",
            "",
            "a message starts with a MessageHeader",
        );
    }
}

pub(crate) fn bundle_entry(it: &BundleEntry, at: &mut Scope<'_>) {
    let versioned = it
        .full_url
        .as_deref()
        .is_some_and(|url| url.contains("/_history/"));
    at.require(!versioned, "bdl-8", "", "a fullUrl names no version");
}

pub(crate) fn organization(it: &Organization, at: &mut Scope<'_>) {
    let home = it
        .address
        .iter()
        .any(|address| address.r#use == Some(AddressUse::Home));
    at.require(!home, "org-2", "address", "an organization has no home address");
    let home = it
        .telecom
        .iter()
        .any(|telecom| telecom.r#use == Some(ContactPointUse::Home));
    at.require(!home, "org-3", "telecom", "an organization has no home phone");
}

pub(crate) fn appointment(it: &Appointment, at: &mut Scope<'_>) {
    let timed = exists(it, it.start.is_some(), "start") && exists(it, it.end.is_some(), "end");
    let open = matches!(
        it.status,
        None | Some(AppointmentStatus::Proposed | AppointmentStatus::Cancelled | AppointmentStatus::Waitlist)
    );
    at.require(
        timed || open,
        "app-3",
        "",
        "an appointment that is booked has start and end",
    );
    let off = matches!(
        it.status,
        None | Some(AppointmentStatus::Noshow | AppointmentStatus::Cancelled)
    );
    at.require(
        it.cancelation_reason.is_none() || off,
        "app-4",
        "",
        "a cancelation reason needs a cancelled appointment",
    );
}

pub(crate) fn list(it: &List, at: &mut Scope<'_>) {
    let deleted = it.entry.iter().any(|entry| entry.deleted.is_some());
    at.require(
        !deleted || it.mode == Some(ListMode::Changes),
        "lst-2",
        "",
        "only a list of changes has deleted entries",
    );
    let dated = it.entry.iter().any(|entry| entry.date.is_some());
    at.require(
        !dated || it.mode == Some(ListMode::Working),
        "lst-3",
        "",
        "only a working list dates its entries",
    );
}

pub(crate) fn group(it: &Group, at: &mut Scope<'_>) {
    at.require(
        it.member.is_empty() || it.actual == Some(true),
        "grp-1",
        "",
        "only an actual group has members",
    );
}

pub(crate) fn linkage(it: &Linkage, at: &mut Scope<'_>) {
    at.require(it.item.len() > 1, "lnk-1", "", "a linkage has two items or more");
}

pub(crate) fn risk_assessment_prediction(it: &RiskAssessmentPrediction, at: &mut Scope<'_>) {
    if let Some(RiskAssessmentPredictionProbability::Decimal(value)) = &it.probability {
        let most = Decimal::parse("100").ok();
        at.require(
            most.is_none_or(|most| *value <= most),
            "ras-2",
            "",
            "the probability is above 100",
        );
    }
}

pub(crate) fn medication_dispense(it: &MedicationDispense, at: &mut Scope<'_>) {
    if let (Some(prepared), Some(handed)) = (&it.when_prepared, &it.when_handed_over) {
        at.require(
            !later(prepared, handed),
            "mdd-1",
            "",
            "handed over before it was prepared",
        );
    }
}

pub(crate) fn measure_report(it: &MeasureReport, at: &mut Scope<'_>) {
    let collects = it.r#type == Some(MeasureReportType::DataCollection);
    at.require(
        !collects || it.group.is_empty(),
        "mrp-1",
        "",
        "a data collection has no groups",
    );
}

pub(crate) fn molecular_sequence(it: &MolecularSequence, at: &mut Scope<'_>) {
    let legal = it.coordinate_system.is_none_or(|system| matches!(system, 0 | 1));
    at.require(legal, "msq-3", "", "the coordinate system is 0 or 1");
}

pub(crate) fn questionnaire(it: &Questionnaire, at: &mut Scope<'_>) {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&QuestionnaireItem> = it.item.iter().collect();
    let mut unique = true;
    while let Some(item) = open.pop() {
        unique &= item.link_id.as_deref().is_none_or(|id| seen.insert(id));
        open.extend(&item.item);
    }
    at.require(unique, "que-2", "", "a linkId stands twice");
}

pub(crate) fn questionnaire_item(it: &QuestionnaireItem, at: &mut Scope<'_>) {
    use QuestionnaireItemType as Type;
    at.require(
        it.enable_when.len() < 3 || exists(it, it.enable_behavior.is_some(), "enableBehavior"),
        "que-12",
        "",
        "several conditions need enableBehavior",
    );
    at.require(
        it.repeats == Some(true) || it.initial.len() <= 1,
        "que-13",
        "",
        "an item that does not repeat has one initial value",
    );
    let Some(kind) = &it.r#type else { return };
    let (group, display) = (*kind == Type::Group, *kind == Type::Display);
    at.require(!group || !it.item.is_empty(), "que-1", "", "a group has items");
    at.require(
        !display || it.item.is_empty(),
        "que-1",
        "",
        "a display item has no items",
    );
    at.require(
        !display || it.code.is_empty(),
        "que-3",
        "",
        "a display item has no code",
    );
    at.require(
        !display || (it.required.is_none() && it.repeats.is_none()),
        "que-6",
        "",
        "a display item is not required and does not repeat",
    );
    at.require(
        !(group || display) || it.initial.is_empty(),
        "que-8",
        "",
        "only a question has an initial value",
    );
    at.require(
        !display || it.read_only.is_none(),
        "que-9",
        "",
        "a display item is not read-only",
    );
    let sized = matches!(
        kind.as_str(),
        "boolean" | "decimal" | "integer" | "string" | "text" | "url" | "open-choice"
    );
    at.require(
        sized || it.max_length.is_none(),
        "que-10",
        "",
        "only simple questions have a longest answer",
    );
    let optional = matches!(
        kind.as_str(),
        "choice"
            | "open-choice"
            | "decimal"
            | "integer"
            | "date"
            | "dateTime"
            | "time"
            | "string"
            | "quantity"
    );
    let listed = it.answer_value_set.is_some() || !it.answer_option.is_empty();
    at.require(
        optional || !listed,
        "que-5",
        "",
        "this type of item has no list of answers",
    );
}

pub(crate) fn questionnaire_item_enable_when(it: &QuestionnaireItemEnableWhen, at: &mut Scope<'_>) {
    if it.operator == Some(QuestionnaireItemOperator::Exists) {
        let boolean = matches!(
            it.answer,
            None | Some(QuestionnaireItemEnableWhenAnswer::Boolean(_))
        );
        at.require(boolean, "que-7", "", "whether an answer exists is true or false");
    }
}

pub(crate) fn code_system(it: &CodeSystem, at: &mut Scope<'_>) {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&CodeSystemConcept> = it.concept.iter().collect();
    let mut unique = true;
    while let Some(concept) = open.pop() {
        unique &= concept.code.as_deref().is_none_or(|code| seen.insert(code));
        open.extend(&concept.concept);
    }
    at.require(unique, "csd-1", "", "a code stands twice");
}

pub(crate) fn value_set_expansion_contains(it: &ValueSetExpansionContains, at: &mut Scope<'_>) {
    at.require(
        exists(it, it.code.is_some(), "code") || it.r#abstract == Some(true),
        "vsd-9",
        "",
        "only an abstract item has no code",
    );
}

pub(crate) fn concept_map_group_element_target(it: &ConceptMapGroupElementTarget, at: &mut Scope<'_>) {
    let loose = matches!(
        it.equivalence,
        Some(ConceptMapEquivalence::Narrower | ConceptMapEquivalence::Inexact)
    );
    at.require(
        !loose || exists(it, it.comment.is_some(), "comment"),
        "cmd-1",
        "",
        "a narrower or inexact mapping has a comment",
    );
}

pub(crate) fn concept_map_group_unmapped(it: &ConceptMapGroupUnmapped, at: &mut Scope<'_>) {
    let fixed = it.mode == Some(ConceptMapGroupUnmappedMode::Fixed);
    at.require(
        !fixed || exists(it, it.code.is_some(), "code"),
        "cmd-2",
        "",
        "mode fixed needs a code",
    );
    let other = it.mode == Some(ConceptMapGroupUnmappedMode::OtherMap);
    at.require(
        !other || exists(it, it.url.is_some(), "url"),
        "cmd-3",
        "",
        "mode other-map needs a url",
    );
}

pub(crate) fn capability_statement(it: &CapabilityStatement, at: &mut Scope<'_>) {
    use CapabilityStatementKind as Of;
    let (implemented, software) = (it.implementation.is_some(), it.software.is_some());
    match &it.kind {
        Some(Of::Instance) => at.require(implemented, "cpb-14", "", "an instance has an implementation"),
        Some(Of::Capability) => at.require(
            !implemented && software,
            "cpb-15",
            "",
            "a capability has software and no implementation",
        ),
        Some(Of::Requirements) => at.require(
            !implemented && !software,
            "cpb-16",
            "",
            "requirements have no software or implementation",
        ),
        _ => {}
    }
    let endpoints = it
        .messaging
        .iter()
        .any(|messaging| !messaging.endpoint.is_empty());
    at.require(
        !endpoints || matches!(it.kind, None | Some(Of::Instance)),
        "cpb-3",
        "",
        "only an instance has message endpoints",
    );
}

pub(crate) fn capability_statement_rest(it: &CapabilityStatementRest, at: &mut Scope<'_>) {
    at.require(
        distinct(
            it.resource
                .iter()
                .filter_map(|resource| resource.r#type.as_deref()),
        ),
        "cpb-9",
        "",
        "a resource type stands twice",
    );
}

pub(crate) fn search_parameter(it: &SearchParameter, at: &mut Scope<'_>) {
    let reference = matches!(it.r#type, None | Some(SearchParamType::Reference));
    at.require(
        it.chain.is_empty() || reference,
        "spd-2",
        "",
        "only a reference can be chained",
    );
}

pub(crate) fn operation_definition_parameter(it: &OperationDefinitionParameter, at: &mut Scope<'_>) {
    let kind = it.r#type.as_deref();
    at.require(
        it.search_type.is_none() || matches!(kind, None | Some("string")),
        "opd-2",
        "",
        "only a string has a search type",
    );
    let refers = matches!(kind, None | Some("Reference" | "canonical"));
    at.require(
        it.target_profile.is_empty() || refers,
        "opd-3",
        "",
        "only a reference has a target profile",
    );
}

pub(crate) fn structure_definition(it: &StructureDefinition, at: &mut Scope<'_>) {
    let abstracted = it.r#abstract == Some(true);
    at.require(
        abstracted || exists(it, it.base_definition.is_some(), "baseDefinition"),
        "sdf-4",
        "",
        "what is not abstract has a base",
    );
    let derived = it.derivation == Some(TypeDerivationRule::Constraint);
    if let Some(snapshot) = &it.snapshot {
        let paths = snapshot
            .element
            .iter()
            .filter_map(|element| element.path.as_deref());
        at.require(
            derived || distinct(paths),
            "sdf-1",
            "",
            "a path stands twice in the snapshot",
        );
        let full = snapshot
            .element
            .iter()
            .all(|element| element.min.is_some() && element.max.is_some() && element.definition.is_some());
        at.require(
            full,
            "sdf-3",
            "snapshot",
            "every element of a snapshot has definition, min and max",
        );
        let ids: Vec<&str> = snapshot
            .element
            .iter()
            .filter_map(|element| element.element_id())
            .collect();
        at.require(
            distinct(ids.into_iter()),
            "sdf-16",
            "",
            "an element id stands twice in the snapshot",
        );
    }
    if let Some(differential) = &it.differential {
        let ids: Vec<&str> = differential
            .element
            .iter()
            .filter_map(|element| element.element_id())
            .collect();
        at.require(
            distinct(ids.into_iter()),
            "sdf-17",
            "",
            "an element id stands twice in the differential",
        );
    }
}
