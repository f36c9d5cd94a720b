//! What is null, intended, entered in error or said in part never becomes a fact that the source did not state.

use ehr_ccda::import;
use ehr_model::{
    AllergyIntolerance, AllergyKnowledge, Amount, Bounds, Chart, Condition, Encounter, FamilyMemberHistory,
    Goal, Immunization, ImportOptions, MedicationRequest, MedicationStatement, Observation, Procedure,
    RecordClass, ServiceRequest, Source,
};
use ehr_types::CodeableConcept;

use crate::section::{all, only, section};

const SNOMED: &str = "codeSystem='2.16.840.1.113883.6.96'";
const DRUG: &str = "<consumable><manufacturedProduct><manufacturedMaterial><code code='314076' \
                    codeSystem='2.16.840.1.113883.6.88'/></manufacturedMaterial></manufacturedProduct></consumable>";

fn template(root: &str) -> String {
    format!("<templateId root='2.16.840.1.113883.10.20.22.4.{root}'/>")
}

fn codes(concept: Option<&CodeableConcept>) -> Vec<&str> {
    let codings = concept.into_iter().flat_map(|concept| &concept.codings);
    codings.filter_map(|coding| coding.code.as_deref()).collect()
}

fn count(chart: &Chart, class: RecordClass) -> usize {
    chart.of_class(class).count()
}

fn is_residual(chart: &Chart, content: &str) -> bool {
    let mut left = chart
        .entries
        .iter()
        .flat_map(|entry| &entry.residual)
        .chain(&chart.residual);
    left.any(|leaf| leaf.content == content)
}

fn problem(attributes: &str, value: &str) -> Chart {
    section(
        "11450-4",
        &format!(
            "<observation classCode='OBS' moodCode='EVN' {attributes}>{}{value}</observation>",
            template("4")
        ),
    )
}

#[test]
fn to_deny_one_problem_is_not_to_deny_all() {
    let at_large = problem(
        "negationInd='true'",
        &format!("<value xsi:type='CD' code='55607006' {SNOMED}/>"),
    );
    assert_eq!(
        codes(only(&at_large, Condition::from_record).code.as_ref()),
        ["160245001", "no-known-problems"]
    );
    for value in [
        "<value xsi:type='CD' nullFlavor='OTH'><originalText>Diabetes</originalText></value>",
        "<value xsi:type='CD' nullFlavor='UNK'/>",
        "",
    ] {
        let chart = problem("negationInd='true'", value);
        let condition = only(&chart, Condition::from_record);
        assert!(codes(condition.code.as_ref()).is_empty(), "{value}");
        assert_eq!(
            codes(condition.verification_status.as_ref()),
            ["refuted"],
            "{value}"
        );
    }
}

#[test]
fn a_health_concern_in_words_can_be_denied_and_withdrawn() {
    let concern = |attributes: &str, status: &str| {
        section(
            "75310-3",
            &format!(
                "<act classCode='ACT' moodCode='EVN' {attributes}>{}<text>Risk of falls</text><statusCode code='{status}'/></act>",
                template("132")
            ),
        )
    };
    let denied = concern("negationInd='true'", "active");
    let denied = only(&denied, Condition::from_record);
    assert_eq!(codes(denied.verification_status.as_ref()), ["refuted"]);
    let withdrawn = concern("", "nullified");
    let withdrawn = only(&withdrawn, Condition::from_record);
    assert_eq!(
        codes(withdrawn.verification_status.as_ref()),
        ["entered-in-error", "nullified"]
    );
    assert_eq!(withdrawn.clinical_status, None);
}

#[test]
fn no_information_makes_no_fact() {
    let chart = problem("nullFlavor='NI'", "<value xsi:type='CD' nullFlavor='NI'/>");
    assert_eq!(count(&chart, RecordClass::Condition), 0);
    assert!(is_residual(&chart, "NI"));
    let chart = problem(
        "nullFlavor='OTH'",
        &format!("<value xsi:type='CD' code='38341003' {SNOMED}/>"),
    );
    assert_eq!(count(&chart, RecordClass::Condition), 1);
    for (loinc, statement, class) in [
        (
            "10160-0",
            "<substanceAdministration moodCode='EVN' nullFlavor='NI'><statusCode code='completed'/><consumable><manufacturedProduct>\
             <manufacturedMaterial><code nullFlavor='NI'/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>",
            RecordClass::MedicationStatement,
        ),
        (
            "46240-8",
            "<encounter moodCode='EVN' nullFlavor='NI'><code nullFlavor='NI'/><effectiveTime nullFlavor='NI'/></encounter>",
            RecordClass::Encounter,
        ),
        (
            "47519-4",
            "<procedure moodCode='EVN' nullFlavor='NI'><code nullFlavor='NI'/></procedure>",
            RecordClass::Procedure,
        ),
        (
            "11369-6",
            "<substanceAdministration moodCode='EVN' nullFlavor='NI'/>",
            RecordClass::Immunization,
        ),
    ] {
        let chart = section(loinc, statement);
        assert_eq!(count(&chart, class), 0, "{class:?}");
        assert!(is_residual(&chart, "NI"), "{class:?}");
    }
}

fn allergy(attributes: &str, inner: &str) -> Chart {
    section(
        "48765-2",
        &format!(
            "<observation classCode='OBS' moodCode='EVN' {attributes}>{}{inner}</observation>",
            template("7")
        ),
    )
}

fn substance(code: &str) -> String {
    format!(
        "<participant typeCode='CSM'><participantRole><playingEntity>{code}</playingEntity></participantRole></participant>"
    )
}

fn reaction(attributes: &str, inner: &str) -> String {
    format!(
        "<entryRelationship typeCode='MFST' inversionInd='true'><observation classCode='OBS' moodCode='EVN' {attributes}>{}\
         <code code='ASSERTION' codeSystem='2.16.840.1.113883.5.4'/>{inner}</observation></entryRelationship>",
        template("9")
    )
}

fn severity(code: &str) -> String {
    format!(
        "<entryRelationship typeCode='SUBJ' inversionInd='true'><observation classCode='OBS' moodCode='EVN'>{}<code code='SEV' \
         codeSystem='2.16.840.1.113883.5.4'/><value xsi:type='CD' code='{code}' {SNOMED}/></observation></entryRelationship>",
        template("8")
    )
}

#[test]
fn who_reacted_to_something_unknown_has_an_allergy() {
    let unknown = substance("<code nullFlavor='UNK'/>");
    let kind = format!("<value xsi:type='CD' code='416098002' {SNOMED}/>");
    let hives = format!("<value xsi:type='CD' code='247472004' {SNOMED}/>");
    let chart = allergy("", &format!("{kind}{unknown}{}", reaction("", &hives)));
    assert_eq!(
        only(&chart, AllergyIntolerance::from_record).knowledge,
        AllergyKnowledge::Present
    );
    // A reaction that is null is none.
    let chart = allergy(
        "nullFlavor='NI'",
        &format!("{kind}{unknown}{}", reaction("nullFlavor='NI'", &hives)),
    );
    let allergy = only(&chart, AllergyIntolerance::from_record);
    assert_eq!(allergy.knowledge, AllergyKnowledge::NotAsked);
    assert!(allergy.reaction.is_empty());
}

#[test]
fn an_allergy_that_is_null_is_no_allergy() {
    let chart = allergy("nullFlavor='NASK'", "");
    let allergy = only(&chart, AllergyIntolerance::from_record);
    assert_eq!(allergy.knowledge, AllergyKnowledge::NotAsked);
    let absent = allergy.code.as_ref().unwrap().absent.as_ref().unwrap();
    assert_eq!(absent.source_code.as_deref(), Some("NASK"));
}

#[test]
fn each_substance_of_an_allergy_is_an_allergy() {
    let named = |code: &str| {
        substance(&format!(
            "<code code='{code}' codeSystem='2.16.840.1.113883.6.88'/>"
        ))
    };
    let parts = [
        named("7980"),
        substance("<code nullFlavor='UNK'/>"),
        named("733"),
        named("7980"),
        reaction("", &format!("<value xsi:type='CD' code='39579001' {SNOMED}/>")),
    ];
    let chart = allergy("", &parts.concat());
    let allergies = all(&chart, AllergyIntolerance::from_record);
    let mut found: Vec<_> = allergies
        .iter()
        .flat_map(|allergy| codes(allergy.code.as_ref()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, ["733", "7980"]);
    assert!(allergies.iter().all(|allergy| allergy.reaction.len() == 1));
}

#[test]
fn each_reaction_has_its_own_severity_and_what_was_done_about_it() {
    let value = |code: &str| format!("<value xsi:type='CD' code='{code}' {SNOMED}/>");
    let treatment = format!(
        "<entryRelationship typeCode='RSON'><procedure classCode='PROC' moodCode='EVN'><code code='1234' {SNOMED}/></procedure>\
         </entryRelationship>"
    );
    let parts = [
        substance("<code code='7980' codeSystem='2.16.840.1.113883.6.88'/>"),
        reaction(
            "",
            &format!(
                "<id root='1.2.3' extension='hives'/>{}{}",
                value("247472004"),
                severity("255604002")
            ),
        ),
        reaction(
            "",
            &format!("{}{}{treatment}", value("39579001"), severity("24484000")),
        ),
        reaction("", &value("62315008")),
        reaction(
            "",
            &format!("<statusCode code='nullified'/>{}", value("422587007")),
        ),
        severity("6736007"),
    ];
    let chart = allergy("", &parts.concat());
    let reactions = &only(&chart, AllergyIntolerance::from_record).reaction;
    let found: Vec<_> = reactions
        .iter()
        .map(|reaction| {
            let severity = reaction
                .severity
                .as_ref()
                .and_then(|severity| severity.code.as_deref());
            (codes(reaction.manifestation.first())[0], severity)
        })
        .collect();
    assert_eq!(
        found,
        [
            ("247472004", Some("mild")),
            ("39579001", Some("severe")),
            // The severity of the allergy stands for that of a reaction without one.
            ("62315008", Some("moderate")),
        ]
    );
    assert!(is_residual(&chart, "hives"));
    assert_eq!(count(&chart, RecordClass::Procedure), 1);
    // The reaction that was entered in error is kept as just that.
    let kept = only(&chart, Observation::from_record);
    assert!(kept.status.as_ref().unwrap().is("entered-in-error"));
}

#[test]
fn an_allergy_entered_in_error_has_no_clinical_status() {
    let chart = allergy(
        "",
        &format!(
            "<statusCode code='nullified'/>{}",
            substance("<code code='7980' codeSystem='2.16.840.1.113883.6.88'/>")
        ),
    );
    let allergy = only(&chart, AllergyIntolerance::from_record);
    assert_eq!(
        codes(allergy.verification_status.as_ref()),
        ["entered-in-error", "nullified"]
    );
    assert_eq!(allergy.clinical_status, None);
}

#[test]
fn negation_does_not_undo_entered_in_error() {
    let chart = section(
        "10160-0",
        &format!(
            "<substanceAdministration moodCode='EVN' negationInd='true'><statusCode code='nullified'/>{DRUG}</substanceAdministration>"
        ),
    );
    assert!(
        only(&chart, MedicationStatement::from_record)
            .status
            .as_ref()
            .unwrap()
            .is("entered-in-error")
    );
    let chart = section(
        "11369-6",
        &format!(
            "<substanceAdministration moodCode='EVN' negationInd='true'><statusCode code='nullified'/>{DRUG}</substanceAdministration>"
        ),
    );
    assert!(
        only(&chart, Immunization::from_record)
            .status
            .as_ref()
            .unwrap()
            .is("entered-in-error")
    );
}

#[test]
fn what_is_intended_has_not_happened() {
    let in_mood = |element: &str, root: &str, mood: &str| {
        section(
            "47519-4",
            &format!(
                "<{element} moodCode='{mood}'>{}<code code='1234' {SNOMED}/><statusCode code='completed'/></{element}>",
                template(root)
            ),
        )
    };
    for mood in ["INT", "RQO", "PRMS", "ARQ"] {
        let chart = in_mood("procedure", "14", mood);
        assert_eq!(all(&chart, Procedure::from_record).len(), 0, "{mood}");
        assert_eq!(all(&chart, ServiceRequest::from_record).len(), 1, "{mood}");
        let chart = in_mood("encounter", "49", mood);
        assert_eq!(all(&chart, Encounter::from_record).len(), 0, "{mood}");
        let chart = in_mood("observation", "2", mood);
        assert_eq!(all(&chart, Observation::from_record).len(), 0, "{mood}");
    }
    let chart = in_mood("observation", "44", "GOL");
    assert_eq!(all(&chart, Goal::from_record).len(), 1);
    let ordered = section(
        "30954-2",
        &format!(
            "<organizer classCode='BATTERY' moodCode='EVN'>{}<code code='24323-8' codeSystem='2.16.840.1.113883.6.1'/><component>\
             <observation moodCode='RQO'>{}<code code='2345-7' codeSystem='2.16.840.1.113883.6.1'/></observation></component></organizer>",
            template("1"),
            template("2")
        ),
    );
    assert_eq!(all(&ordered, Observation::from_record).len(), 0);
    assert_eq!(all(&ordered, ServiceRequest::from_record).len(), 1);
}

#[test]
fn a_denied_wrapper_makes_no_medication() {
    for denial in ["negationInd='true'>", "><statusCode code='nullified'/>"] {
        let chart = section(
            "10160-0",
            &format!(
                "<act classCode='ACT' moodCode='EVN' {denial}{}<entryRelationship typeCode='SUBJ'><substanceAdministration \
                 moodCode='EVN'>{DRUG}</substanceAdministration></entryRelationship></act>",
                template("36")
            ),
        );
        assert_eq!(count(&chart, RecordClass::MedicationStatement), 0);
        assert!(is_residual(&chart, "314076"));
    }
}

fn medication(mood: &str, inner: &str) -> Chart {
    section(
        "10160-0",
        &format!("<substanceAdministration moodCode='{mood}'>{inner}{DRUG}</substanceAdministration>"),
    )
}

#[test]
fn a_supply_that_does_not_stand_is_no_part_of_the_order() {
    let supply = |attributes: &str, status: &str, quantity: u32| {
        format!(
            "<entryRelationship typeCode='REFR'><supply classCode='SPLY' moodCode='INT' {attributes}>{}<statusCode code='{status}'/>\
             <quantity value='{quantity}'/></supply></entryRelationship>",
            template("17")
        )
    };
    let parts = [
        "<statusCode code='active'/>".to_owned(),
        supply("negationInd='true'", "completed", 10),
        supply("", "aborted", 20),
        supply("", "completed", 30),
        supply("", "completed", 40),
    ];
    let chart = medication("INT", &parts.concat());
    let quantity = |request: &MedicationRequest| {
        request
            .dispense_quantity
            .as_ref()?
            .value
            .as_ref()
            .map(ToString::to_string)
    };
    let mut requests: Vec<_> = all(&chart, MedicationRequest::from_record)
        .into_iter()
        .map(|request| {
            let status = request.status.as_ref().and_then(|status| status.code.clone());
            (
                quantity(request).unwrap(),
                status.unwrap(),
                request.do_not_perform,
            )
        })
        .collect();
    requests.sort();
    let row = |quantity: &str, status: &str, denied| (quantity.to_owned(), status.to_owned(), denied);
    assert_eq!(
        requests,
        [
            row("10", "completed", Some(true)),
            row("20", "stopped", None),
            row("30", "active", None),
            row("40", "completed", None),
        ]
    );
}

#[test]
fn each_time_of_taking_is_told_and_none_is_made_up() {
    let chart = medication(
        "EVN",
        "<effectiveTime xsi:type='IVL_TS'><low value='20200101'/><width value='10' unit='d'/></effectiveTime>\
         <effectiveTime xsi:type='PIVL_TS' operator='A'><phase value='202001010800'/><period value='1' unit='d'/></effectiveTime>\
         <effectiveTime xsi:type='PIVL_TS'><phase value='202001012000'/><period value='2' unit='d'/></effectiveTime>\
         <effectiveTime xsi:type='PIVL_TS' operator='E'><period value='7' unit='d'/></effectiveTime>\
         <repeatNumber value='3'/><doseQuantity value='5' unit='mg'/>",
    );
    let statement = only(&chart, MedicationStatement::from_record);
    let timings: Vec<_> = statement
        .dosage
        .iter()
        .filter_map(|dosage| dosage.timing.as_ref())
        .collect();
    let periods: Vec<_> = timings
        .iter()
        .map(|timing| timing.period.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(periods, [Some("1".to_owned()), Some("2".to_owned())]);
    assert!(
        statement
            .dosage
            .iter()
            .all(|dosage| matches!(dosage.dose, Some(Amount::Quantity(_))))
    );
    assert!(matches!(timings[0].bounds, Some(Bounds::Duration(_))));
    // When the first one is taken is said, how often in all is not: that is what a count would be.
    assert!(
        timings
            .iter()
            .all(|timing| timing.event.len() == 1 && timing.count.is_none())
    );
    assert!(is_residual(&chart, "7") && is_residual(&chart, "3"));
}

#[test]
fn a_second_precondition_does_not_replace_the_first() {
    let criterion = |words: &str| {
        format!(
            "<precondition><criterion><value xsi:type='CD' nullFlavor='OTH'><originalText>{words}</originalText></value></criterion></precondition>"
        )
    };
    let chart = medication("EVN", &(criterion("pain") + &criterion("fever")));
    let dosage = &only(&chart, MedicationStatement::from_record).dosage[0];
    assert_eq!(
        dosage.as_needed_for.as_ref().unwrap().text.as_deref(),
        Some("pain")
    );
    assert!(is_residual(&chart, "fever"));
}

#[test]
fn an_indication_that_names_no_condition_is_no_reason() {
    let chart = medication(
        "EVN",
        &format!(
            "<entryRelationship typeCode='RSON'><observation moodCode='EVN'>{}<code code='404684003' {SNOMED}/>\
             <value xsi:type='CD' nullFlavor='UNK'/></observation></entryRelationship>",
            template("19")
        ),
    );
    assert!(
        only(&chart, MedicationStatement::from_record)
            .reason_code
            .is_empty()
    );
    assert_eq!(count(&chart, RecordClass::Condition), 0);
}

#[test]
fn what_a_relative_was_said_to_have_in_error_is_not_what_they_had() {
    let chart = section(
        "10157-6",
        &format!(
            "<organizer classCode='CLUSTER' moodCode='EVN'>{}<component><observation moodCode='EVN'>{}<statusCode code='nullified'/>\
             <value xsi:type='CD' code='38341003' {SNOMED}/></observation></component></organizer>",
            template("45"),
            template("46")
        ),
    );
    let history = only(&chart, FamilyMemberHistory::from_record);
    assert!(history.condition.is_empty() && history.note.is_empty());
    assert!(
        only(&chart, Observation::from_record)
            .status
            .as_ref()
            .unwrap()
            .is("entered-in-error")
    );
}

#[test]
fn not_allergic_to_one_substance_is_not_free_of_allergies() {
    let negated = |inner: &str| allergy("negationInd='true'", inner);
    let kind = format!("<value xsi:type='CD' code='419511003' {SNOMED}/>");
    for (substance_code, label) in [
        ("<code code='7980' codeSystem='2.16.840.1.113883.6.88'/>", "code"),
        (
            "<code nullFlavor='OTH'><originalText>Penicillin</originalText></code>",
            "words",
        ),
    ] {
        let chart = negated(&format!("{kind}{}", substance(substance_code)));
        let allergy = only(&chart, AllergyIntolerance::from_record);
        assert_eq!(allergy.knowledge, AllergyKnowledge::Present, "{label}");
        assert_eq!(
            codes(allergy.verification_status.as_ref()),
            ["refuted"],
            "{label}"
        );
    }
    for (substance_code, none_known) in [
        ("<code nullFlavor='NA'/>".to_owned(), Some("409137002")),
        (format!("<code code='105590001' {SNOMED}/>"), Some("716186003")),
        (format!("<code code='716186003' {SNOMED}/>"), Some("716186003")),
        (
            "<code nullFlavor='OTH'><originalText>No known drug allergies</originalText></code>".to_owned(),
            Some("409137002"),
        ),
    ] {
        let chart = negated(&format!("{kind}{}", substance(&substance_code)));
        let allergy = only(&chart, AllergyIntolerance::from_record);
        assert_eq!(allergy.knowledge, AllergyKnowledge::NoneKnown, "{substance_code}");
        assert_eq!(
            codes(allergy.code.as_ref()).first().copied(),
            none_known,
            "{substance_code}"
        );
        assert_eq!(allergy.verification_status, None, "{substance_code}");
    }
}

#[test]
fn a_kind_of_allergy_that_says_no_type_makes_none() {
    for (kind, type_, category) in [
        ("419511003", None, Some("medication")),
        ("416098002", Some("allergy"), Some("medication")),
        ("420134006", None, None),
    ] {
        let chart = allergy(
            "",
            &format!(
                "<value xsi:type='CD' code='{kind}' {SNOMED}/>{}",
                substance("<code code='7980' codeSystem='2.16.840.1.113883.6.88'/>")
            ),
        );
        let allergy = only(&chart, AllergyIntolerance::from_record);
        let found = allergy.type_.as_ref().and_then(|type_| type_.code.as_deref());
        assert_eq!(
            (found, allergy.category.first().map(String::as_str)),
            (type_, category)
        );
        assert!(allergy.type_.is_some() == type_.is_some());
        assert_eq!(is_residual(&chart, kind), type_.is_none() && category.is_none());
    }
}

#[test]
fn a_section_in_words_alone_is_told_of() {
    let told = |section: &str| {
        let source = format!(
            "<ClinicalDocument xmlns='urn:hl7-org:v3' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><component><structuredBody>\
             <component>{section}</component></structuredBody></component></ClinicalDocument>"
        );
        let done = import(source.as_bytes(), &ImportOptions::new(Source::new("s"))).unwrap();
        done.findings
            .iter()
            .any(|finding| finding.code == "ccda.section.narrative-only")
    };
    let allergies =
        "<code code='48765-2' codeSystem='2.16.840.1.113883.6.1'/><text>Penicillin: anaphylaxis</text>";
    assert!(told(&format!("<section>{allergies}</section>")));
    // A statement that makes no record says no more than none.
    assert!(told(&format!(
        "<section>{allergies}<entry><procedure nullFlavor='NI'><code nullFlavor='NI'/></procedure></entry></section>"
    )));
    // What is null and says something all the same must not be passed over.
    assert!(told(&format!("<section nullFlavor='NI'>{allergies}</section>")));
    assert!(!told(
        "<section nullFlavor='NI'><code code='48765-2'/><text>No information</text></section>"
    ));
    assert!(!told(&format!(
        "<section>{allergies}<entry><observation>{}</observation></entry></section>",
        substance("<code code='7980' codeSystem='2.16.840.1.113883.6.88'/>")
    )));
}

#[test]
fn sides_and_sites_in_qualifiers_are_body_sites() {
    let left = format!(
        "<qualifier><name code='272741003' {SNOMED}/><value code='7771000' {SNOMED} displayName='Left'/></qualifier>"
    );
    let fracture = problem(
        "",
        &format!(
            "<value xsi:type='CD' code='125605004' {SNOMED}>{left}<qualifier><name code='246112005'/><value code='24484000'/>\
             </qualifier></value>"
        ),
    );
    let condition = only(&fracture, Condition::from_record);
    assert_eq!(codes(condition.body_site.first()), ["7771000"]);
    // What a qualifier says of other things stays.
    assert!(is_residual(&fracture, "24484000") && !is_residual(&fracture, "7771000"));
    let chart = section(
        "47519-4",
        &format!(
            "<procedure moodCode='EVN'>{}<code code='1234' {SNOMED}/><targetSiteCode code='72696002' {SNOMED}>{left}</targetSiteCode>\
             </procedure>",
            template("14")
        ),
    );
    let sites = &only(&chart, Procedure::from_record).body_site;
    let found: Vec<_> = sites.iter().flat_map(|site| codes(Some(site))).collect();
    assert_eq!(found, ["72696002", "7771000"]);
}

#[test]
fn who_told_of_an_order_is_named() {
    let chart = medication(
        "INT",
        "<informant><assignedEntity><id root='1.2' extension='7'/><assignedPerson><name><family>Moss</family></name></assignedPerson>\
         </assignedEntity></informant>",
    );
    let request = only(&chart, MedicationRequest::from_record);
    let by = request.reported_by.as_ref().unwrap();
    assert_eq!(by.display.as_deref(), Some("Moss"));
}
