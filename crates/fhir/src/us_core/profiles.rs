//! What the profiles of US Core ask for: the elements that their snapshots mark as must-support or as additional USCDI
//! requirement, from package `hl7.fhir.us.core` 7.0.0. Profiles of one resource type stand together.

use super::BASE;
use super::must_support::Obligation;
use super::presence::{Presence, Slice, Slices, member_is_coded, presence};
use crate::element::Element;
use crate::r4::Resource;

/// What one profile asks for.
pub(super) struct Profile {
    /// Last part of its URL.
    pub(super) name: &'static str,
    /// The resource type.
    of: &'static str,
    when: When,
    /// Ids of elements without the type, with blanks between; a list of such lists.
    must_support: &'static [&'static str],
    uscdi: &'static str,
    pub(super) slices: Slices,
}

/// Which resources a profile is for, beside those that name it.
enum When {
    /// All of its type.
    Always,
    /// Those that have a member.
    There(&'static str),
    /// Those where a member has one of the codes, written `system|code`.
    Coded(&'static str, &'static [&'static str]),
    /// Those where no member has one of the codes.
    NotCoded(&'static str, &'static [&'static str]),
}

impl Profile {
    const fn new(name: &'static str, of: &'static str) -> Self {
        Self {
            name,
            of,
            when: When::Always,
            must_support: &[],
            uscdi: "",
            slices: &[],
        }
    }

    const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    const fn must_support(mut self, elements: &'static [&'static str]) -> Self {
        self.must_support = elements;
        self
    }

    const fn uscdi(mut self, elements: &'static str) -> Self {
        self.uscdi = elements;
        self
    }

    const fn slices(mut self, slices: Slices) -> Self {
        self.slices = slices;
        self
    }

    /// What it asks for.
    pub(super) fn elements(&self) -> impl Iterator<Item = (Obligation, &'static str)> {
        let must_support = self.must_support.iter().flat_map(|list| list.split_whitespace());
        let must_support = must_support.map(|element| (Obligation::MustSupport, element));
        must_support.chain(
            self.uscdi
                .split_whitespace()
                .map(|element| (Obligation::Uscdi, element)),
        )
    }

    /// Whether a resource names the profile or is meant for it.
    pub(super) fn is_for(&self, resource: &Resource) -> bool {
        let Some(node) = resource
            .as_element()
            .filter(|_| resource.resource_type() == self.of)
        else {
            return false;
        };
        let meta = node.parts().and_then(|parts| parts.meta.as_deref());
        let named = meta.is_some_and(|meta| meta.profile.iter().any(|url| self.is_named_by(url)));
        named
            || match self.when {
                When::Always => true,
                When::There(member) => presence(node, member, &[]) == Presence::Present,
                When::Coded(member, codes) => member_is_coded(node, member, codes),
                When::NotCoded(member, codes) => !member_is_coded(node, member, codes),
            }
    }

    fn is_named_by(&self, url: &str) -> bool {
        let url = url.split_once('|').map_or(url, |(url, _)| url);
        url.strip_prefix(BASE) == Some(self.name)
    }
}

/// Elements that all profiles of vital signs ask for.
const VITAL_SIGNS: &str = "status category category:VSCat category:VSCat.coding category:VSCat.coding.system \
     category:VSCat.coding.code code subject effective[x] value[x] dataAbsentReason component \
     component.code component.value[x] component.dataAbsentReason";

const VITAL_SIGNS_CATEGORY: (&str, Slice) = (
    "category:VSCat",
    Slice::Coded(
        "",
        &["http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"],
    ),
);

/// Elements that the profiles of vital signs with a quantity ask for.
const QUANTITY: &str = "value[x]:valueQuantity value[x]:valueQuantity.value value[x]:valueQuantity.unit \
     value[x]:valueQuantity.system value[x]:valueQuantity.code";

pub(super) const PROFILES: &[Profile] = &[
    Profile::new("us-core-allergyintolerance", "AllergyIntolerance")
        .must_support(&["clinicalStatus verificationStatus code patient reaction reaction.manifestation"]),
    Profile::new("us-core-careplan", "CarePlan")
        .must_support(&["text text.status text.div status intent category category:AssessPlan subject"])
        .slices(&[
            ("category:AssessPlan", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/careplan-category|assess-plan"])),
        ]),
    Profile::new("us-core-careteam", "CareTeam")
        .must_support(&["status subject participant participant.role participant.member"]),
    Profile::new("us-core-condition-encounter-diagnosis", "Condition")
        .when(When::Coded("category", &["http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis"]))
        .must_support(&["extension:assertedDate clinicalStatus verificationStatus category category:us-core code \
                 subject encounter onset[x] abatement[x] recordedDate"])
        .slices(&[
            ("extension:assertedDate", Slice::Extension("http://hl7.org/fhir/StructureDefinition/condition-assertedDate")),
            ("category:us-core", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis"])),
        ]),
    Profile::new("us-core-condition-problems-health-concerns", "Condition")
        .when(When::NotCoded("category", &["http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis"]))
        .must_support(&["meta meta.lastUpdated extension:assertedDate clinicalStatus verificationStatus category \
                 category:us-core category:screening-assessment code subject onset[x] abatement[x] \
                 recordedDate"])
        .slices(&[
            ("extension:assertedDate", Slice::Extension("http://hl7.org/fhir/StructureDefinition/condition-assertedDate")),
            ("category:us-core", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item", "http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern"])),
            ("category:screening-assessment", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|"])),
        ]),
    Profile::new("us-core-coverage", "Coverage")
        .must_support(&["identifier identifier:memberid identifier:memberid.type status type subscriberId \
                 beneficiary relationship period payor class class:group class:group.value \
                 class:group.name class:plan class:plan.value class:plan.name"])
        .slices(&[
            ("identifier:memberid", Slice::Coded("type", &["http://terminology.hl7.org/CodeSystem/v2-0203|MB"])),
            ("class:group", Slice::Coded("type", &["http://terminology.hl7.org/CodeSystem/coverage-class|group"])),
            ("class:plan", Slice::Coded("type", &["http://terminology.hl7.org/CodeSystem/coverage-class|plan"])),
        ]),
    Profile::new("us-core-implantable-device", "Device")
        .when(When::There("udiCarrier"))
        .must_support(&["udiCarrier udiCarrier.deviceIdentifier udiCarrier.carrierHRF distinctIdentifier \
                 manufactureDate expirationDate lotNumber serialNumber type patient"]),
    Profile::new("us-core-diagnosticreport-lab", "DiagnosticReport")
        .when(When::Coded("category", &["http://terminology.hl7.org/CodeSystem/v2-0074|LAB"]))
        .must_support(&["meta meta.lastUpdated status category category:LaboratorySlice code subject encounter \
                 effective[x] issued performer result"])
        .slices(&[
            ("category:LaboratorySlice", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/v2-0074|LAB"])),
        ]),
    Profile::new("us-core-diagnosticreport-note", "DiagnosticReport")
        .when(When::NotCoded("category", &["http://terminology.hl7.org/CodeSystem/v2-0074|LAB"]))
        .must_support(&["status category category:us-core code subject encounter effective[x] issued performer \
                 result media media.link presentedForm"])
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://loinc.org|LP29684-5", "http://loinc.org|LP29708-2", "http://loinc.org|LP7839-6"])),
        ]),
    Profile::new("us-core-documentreference", "DocumentReference")
        .must_support(&["identifier status type category subject date author content content.attachment \
                 content.attachment.contentType content.attachment.data content.attachment.url \
                 content.format context context.encounter context.period"])
        .uscdi("category:uscore")
        .slices(&[
            ("category:uscore", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category|"])),
        ]),
    Profile::new("us-core-encounter", "Encounter")
        .must_support(&["meta meta.lastUpdated identifier identifier.system identifier.value status class type \
                 subject participant participant.type participant.period participant.individual period \
                 reasonCode reasonReference hospitalization hospitalization.dischargeDisposition location \
                 location.location serviceProvider"]),
    Profile::new("us-core-goal", "Goal")
        .must_support(&["lifecycleStatus description subject start[x] target target.due[x]"]),
    Profile::new("us-core-immunization", "Immunization")
        .must_support(&["status statusReason vaccineCode patient encounter occurrence[x] primarySource location"]),
    Profile::new("us-core-location", "Location")
        .must_support(&["identifier status name type telecom address address.line address.city address.state \
                 address.postalCode managingOrganization"]),
    Profile::new("us-core-medication", "Medication")
        .must_support(&["code"]),
    Profile::new("us-core-medicationdispense", "MedicationDispense")
        .must_support(&["status medication[x] subject context performer performer.actor authorizingPrescription \
                 type quantity whenHandedOver dosageInstruction dosageInstruction.text \
                 dosageInstruction.timing dosageInstruction.doseAndRate \
                 dosageInstruction.doseAndRate.dose[x]"]),
    Profile::new("us-core-medicationrequest", "MedicationRequest")
        .must_support(&["status intent category category:us-core reported[x] medication[x] subject encounter \
                 authoredOn requester dosageInstruction dosageInstruction.text dosageInstruction.timing \
                 dosageInstruction.doseAndRate dosageInstruction.doseAndRate.dose[x] dispenseRequest \
                 dispenseRequest.numberOfRepeatsAllowed dispenseRequest.quantity"])
        .uscdi("extension:medicationAdherence reasonCode reasonReference")
        .slices(&[
            ("extension:medicationAdherence", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-medication-adherence")),
            ("category:us-core", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/medicationrequest-category|"])),
        ]),
    Profile::new("head-occipital-frontal-circumference-percentile", "Observation")
        .when(When::Coded("code", &["http://loinc.org|8289-1"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("pediatric-bmi-for-age", "Observation")
        .when(When::Coded("code", &["http://loinc.org|59576-9"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("pediatric-weight-for-height", "Observation")
        .when(When::Coded("code", &["http://loinc.org|77606-2"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-average-blood-pressure", "Observation")
        .when(When::Coded("code", &["http://loinc.org|96607-7"]))
        .must_support(&["status category category:VSCat category:VSCat.coding code subject effective[x] component \
                 component.value[x] component.dataAbsentReason component:systolic component:systolic.code \
                 component:systolic.value[x] component:diastolic component:diastolic.code \
                 component:diastolic.value[x]"])
        .slices(&[
            VITAL_SIGNS_CATEGORY,
            ("component:systolic", Slice::Coded("code", &["http://loinc.org|96608-5"])),
            ("component:diastolic", Slice::Coded("code", &["http://loinc.org|96609-3"])),
        ]),
    Profile::new("us-core-blood-pressure", "Observation")
        .when(When::Coded("code", &["http://loinc.org|85354-9"]))
        .must_support(&[VITAL_SIGNS, "component:systolic component:systolic.code component:systolic.value[x] \
                 component:systolic.value[x].value component:systolic.value[x].unit \
                 component:systolic.value[x].system component:systolic.value[x].code \
                 component:systolic.dataAbsentReason component:diastolic component:diastolic.code \
                 component:diastolic.value[x] component:diastolic.value[x].value \
                 component:diastolic.value[x].unit component:diastolic.value[x].system \
                 component:diastolic.value[x].code component:diastolic.dataAbsentReason"])
        .slices(&[
            VITAL_SIGNS_CATEGORY,
            ("component:systolic", Slice::Coded("code", &["http://loinc.org|8480-6"])),
            ("component:diastolic", Slice::Coded("code", &["http://loinc.org|8462-4"])),
        ]),
    Profile::new("us-core-bmi", "Observation")
        .when(When::Coded("code", &["http://loinc.org|39156-5"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-body-height", "Observation")
        .when(When::Coded("code", &["http://loinc.org|8302-2"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-body-temperature", "Observation")
        .when(When::Coded("code", &["http://loinc.org|8310-5"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-body-weight", "Observation")
        .when(When::Coded("code", &["http://loinc.org|29463-7"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-care-experience-preference", "Observation")
        .when(When::Coded("code", &["http://loinc.org|95541-9"]))
        .must_support(&["status category category:us-core code subject effective[x] value[x]"])
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|care-experience-preference"])),
        ]),
    Profile::new("us-core-head-circumference", "Observation")
        .when(When::Coded("code", &["http://loinc.org|9843-4"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-heart-rate", "Observation")
        .when(When::Coded("code", &["http://loinc.org|8867-4"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-observation-clinical-result", "Observation")
        .when(When::Coded("category", &["http://terminology.hl7.org/CodeSystem/observation-category|exam", "http://terminology.hl7.org/CodeSystem/observation-category|therapy", "http://terminology.hl7.org/CodeSystem/observation-category|imaging", "http://terminology.hl7.org/CodeSystem/observation-category|procedure", "http://terminology.hl7.org/CodeSystem/observation-category|activity"]))
        .must_support(&["status category category:us-core code subject encounter effective[x] value[x] \
                 dataAbsentReason"])
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|laboratory", "http://terminology.hl7.org/CodeSystem/observation-category|exam", "http://terminology.hl7.org/CodeSystem/observation-category|therapy", "http://terminology.hl7.org/CodeSystem/observation-category|imaging", "http://terminology.hl7.org/CodeSystem/observation-category|procedure", "http://terminology.hl7.org/CodeSystem/observation-category|vital-signs", "http://terminology.hl7.org/CodeSystem/observation-category|activity"])),
        ]),
    Profile::new("us-core-observation-lab", "Observation")
        .when(When::Coded("category", &["http://terminology.hl7.org/CodeSystem/observation-category|laboratory"]))
        .must_support(&["meta meta.lastUpdated status category category:us-core code subject encounter \
                 effective[x] value[x] dataAbsentReason interpretation specimen referenceRange"])
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|laboratory"])),
        ]),
    Profile::new("us-core-observation-occupation", "Observation")
        .when(When::Coded("code", &["http://loinc.org|11341-5"]))
        .must_support(&["status category category:socialhistory code subject effective[x]:effectivePeriod \
                 value[x]:valueCodeableConcept component component:industry component:industry.code \
                 component:industry.value[x]"])
        .slices(&[
            ("category:socialhistory", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|social-history"])),
            ("component:industry", Slice::Coded("code", &["http://loinc.org|86188-0"])),
        ]),
    Profile::new("us-core-observation-pregnancyintent", "Observation")
        .when(When::Coded("code", &["http://loinc.org|86645-9"]))
        .must_support(&["status category category:SocialHistory code subject effective[x]:effectiveDateTime \
                 value[x]:valueCodeableConcept"])
        .slices(&[
            ("category:SocialHistory", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|social-history"])),
        ]),
    Profile::new("us-core-observation-pregnancystatus", "Observation")
        .when(When::Coded("code", &["http://loinc.org|82810-3"]))
        .must_support(&["status category category:SocialHistory code subject effective[x]:effectiveDateTime \
                 value[x]:valueCodeableConcept"])
        .slices(&[
            ("category:SocialHistory", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|social-history"])),
        ]),
    Profile::new("us-core-observation-screening-assessment", "Observation")
        .when(When::Coded("category", &["http://terminology.hl7.org/CodeSystem/observation-category|survey"]))
        .must_support(&["status category category:survey category:screening-assessment code subject effective[x] \
                 performer value[x] dataAbsentReason hasMember derivedFrom"])
        .slices(&[
            ("category:survey", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|survey"])),
            ("category:screening-assessment", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|"])),
        ]),
    Profile::new("us-core-observation-sexual-orientation", "Observation")
        .when(When::Coded("code", &["http://loinc.org|76690-7"]))
        .must_support(&["status code subject effective[x] value[x]:valueCodeableConcept"]),
    Profile::new("us-core-pulse-oximetry", "Observation")
        .when(When::Coded("code", &["http://loinc.org|59408-5", "http://loinc.org|2708-6"]))
        .must_support(&[VITAL_SIGNS, QUANTITY, "code.coding code.coding:PulseOx code.coding:O2Sat component:FlowRate \
                 component:FlowRate.code component:FlowRate.value[x] component:FlowRate.value[x].value \
                 component:FlowRate.value[x].unit component:FlowRate.value[x].system \
                 component:FlowRate.value[x].code component:FlowRate.dataAbsentReason \
                 component:Concentration component:Concentration.code component:Concentration.value[x] \
                 component:Concentration.value[x].value component:Concentration.value[x].unit \
                 component:Concentration.value[x].system component:Concentration.value[x].code \
                 component:Concentration.dataAbsentReason"])
        .slices(&[
            VITAL_SIGNS_CATEGORY,
            ("code.coding:PulseOx", Slice::Coded("", &["http://loinc.org|59408-5"])),
            ("code.coding:O2Sat", Slice::Coded("", &["http://loinc.org|2708-6"])),
            ("component:FlowRate", Slice::Coded("code", &["http://loinc.org|3151-8"])),
            ("component:Concentration", Slice::Coded("code", &["http://loinc.org|3150-0"])),
        ]),
    Profile::new("us-core-respiratory-rate", "Observation")
        .when(When::Coded("code", &["http://loinc.org|9279-1"]))
        .must_support(&[VITAL_SIGNS, QUANTITY])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-simple-observation", "Observation")
        .when(When::Coded("category", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|sdoh", "http://hl7.org/fhir/us/core/CodeSystem/us-core-category|functional-status", "http://hl7.org/fhir/us/core/CodeSystem/us-core-category|disability-status", "http://hl7.org/fhir/us/core/CodeSystem/us-core-category|cognitive-status"]))
        .must_support(&["status category category:us-core code subject effective[x] performer value[x]"])
        .uscdi("derivedFrom")
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|", "http://terminology.hl7.org/CodeSystem/observation-category|"])),
        ]),
    Profile::new("us-core-smokingstatus", "Observation")
        .when(When::Coded("code", &["http://loinc.org|72166-2", "http://loinc.org|11367-0", "http://snomed.info/sct|401201003", "http://snomed.info/sct|782516008"]))
        .must_support(&["status category category:SocialHistory code subject effective[x] value[x] \
                 value[x]:valueQuantity value[x]:valueCodeableConcept"])
        .slices(&[
            ("category:SocialHistory", Slice::Coded("", &["http://terminology.hl7.org/CodeSystem/observation-category|social-history"])),
        ]),
    Profile::new("us-core-treatment-intervention-preference", "Observation")
        .when(When::Coded("code", &["http://loinc.org|75773-2"]))
        .must_support(&["status category category:us-core code subject effective[x] value[x]"])
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|treatment-intervention-preference"])),
        ]),
    Profile::new("us-core-vital-signs", "Observation")
        .when(When::Coded("category", &["http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"]))
        .must_support(&[VITAL_SIGNS])
        .slices(&[VITAL_SIGNS_CATEGORY]),
    Profile::new("us-core-organization", "Organization")
        .must_support(&["identifier identifier.system identifier.value identifier:NPI active name telecom \
                 telecom.system telecom.value address address.line address.city address.state \
                 address.postalCode address.country"])
        .slices(&[
            ("identifier:NPI", Slice::Coded("", &["http://hl7.org/fhir/sid/us-npi|"])),
        ]),
    Profile::new("us-core-patient", "Patient")
        .must_support(&["identifier identifier.system identifier.value name name.family name.given telecom.system \
                 telecom.value telecom.use gender birthDate address address.line address.city \
                 address.state address.postalCode communication.language"])
        .uscdi("extension:race extension:ethnicity extension:tribalAffiliation extension:sex \
                 extension:genderIdentity name.use name.suffix name.period telecom deceased[x] \
                 address.use address.period communication")
        .slices(&[
            ("extension:race", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-race")),
            ("extension:ethnicity", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity")),
            ("extension:tribalAffiliation", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-tribal-affiliation")),
            ("extension:sex", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-sex")),
            ("extension:genderIdentity", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity")),
        ]),
    Profile::new("us-core-practitioner", "Practitioner")
        .must_support(&["identifier identifier.system identifier.value identifier:NPI name name.family telecom \
                 telecom.system telecom.value address address.line address.city address.state \
                 address.postalCode address.country"])
        .slices(&[
            ("identifier:NPI", Slice::Coded("", &["http://hl7.org/fhir/sid/us-npi|"])),
        ]),
    Profile::new("us-core-practitionerrole", "PractitionerRole")
        .must_support(&["practitioner organization code specialty location telecom telecom.system telecom.value \
                 endpoint"]),
    Profile::new("us-core-procedure", "Procedure")
        .must_support(&["status code subject encounter performed[x]"])
        .uscdi("basedOn reasonCode reasonReference"),
    Profile::new("us-core-provenance", "Provenance")
        .must_support(&["target target.reference recorded agent agent.type agent.who agent.onBehalfOf \
                 agent:ProvenanceAuthor agent:ProvenanceAuthor.type agent:ProvenanceTransmitter \
                 agent:ProvenanceTransmitter.type"])
        .slices(&[
            ("agent:ProvenanceAuthor", Slice::Coded("type", &["http://terminology.hl7.org/CodeSystem/provenance-participant-type|author"])),
            ("agent:ProvenanceTransmitter", Slice::Coded("type", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type|transmitter"])),
        ]),
    Profile::new("us-core-questionnaireresponse", "QuestionnaireResponse")
        .must_support(&["identifier questionnaire questionnaire.extension:questionnaireDisplay \
                 questionnaire.extension:url status subject authored author item item.linkId item.text \
                 item.answer item.answer.value[x] item.answer.item item.item"])
        .slices(&[
            ("questionnaire.extension:questionnaireDisplay", Slice::Extension("http://hl7.org/fhir/StructureDefinition/display")),
            ("questionnaire.extension:url", Slice::Extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-extension-questionnaire-uri")),
        ]),
    Profile::new("us-core-relatedperson", "RelatedPerson")
        .must_support(&["active patient relationship name telecom address"]),
    Profile::new("us-core-servicerequest", "ServiceRequest")
        .must_support(&["status intent category category:us-core code subject encounter occurrence[x] authoredOn \
                 requester"])
        .uscdi("reasonCode reasonReference")
        .slices(&[
            ("category:us-core", Slice::Coded("", &["http://hl7.org/fhir/us/core/CodeSystem/us-core-category|", "http://snomed.info/sct|386053000", "http://snomed.info/sct|410606002", "http://snomed.info/sct|108252007", "http://snomed.info/sct|363679005", "http://snomed.info/sct|409063005", "http://snomed.info/sct|409073007", "http://snomed.info/sct|387713003"])),
        ]),
    Profile::new("us-core-specimen", "Specimen")
        .must_support(&["identifier accessionIdentifier type subject"])
        .uscdi("collection collection.bodySite condition"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_element_is_one_of_its_type_and_stands_once() {
        for profile in PROFILES {
            let resource = Resource::new(profile.of).unwrap();
            let ty = resource.as_element().unwrap().describe();
            let mut seen = Vec::new();
            for (_, element) in profile.elements() {
                let first = element.split(['.', ':']).next().unwrap();
                assert!(
                    ty.fields.iter().any(|field| field.element_name() == first),
                    "{} {element}",
                    profile.name
                );
                assert!(!seen.contains(&element), "{} {element}", profile.name);
                seen.push(element);
                // What tells a slice apart is known, unless it is a type of a choice.
                for (at, _) in element.match_indices([':']) {
                    let end = element[at..].find('.').map_or(element.len(), |dot| at + dot);
                    let (slice, named) = (&element[..end], &element[at + 1..end]);
                    let choice = ty.field(named).is_some_and(|field| field.choice().is_some());
                    let known = choice || profile.slices.iter().any(|(own, _)| *own == slice);
                    assert!(known, "{} {slice}", profile.name);
                }
            }
            for (slice, _) in profile.slices {
                assert!(seen.contains(slice), "{} {slice}", profile.name);
            }
        }
    }
}
