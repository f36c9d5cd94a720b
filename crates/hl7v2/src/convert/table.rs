//! Codes of HL7 v2 tables as codes of FHIR, by the ConceptMaps of the v2-to-FHIR guide. A code that a map does not list
//! has no equivalent: the source's own code is kept beside, and nothing is put in its place.

/// URI of an HL7 v2 table.
pub(super) fn uri(table: u16) -> String {
    format!("http://terminology.hl7.org/CodeSystem/v2-{table:04}")
}

fn find(map: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    map.iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(code))
        .map(|(_, mapped)| *mapped)
}

/// Table 0001, administrative sex, as administrative-gender.
pub(super) fn gender(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("F", "female"),
        ("M", "male"),
        ("O", "other"),
        ("U", "unknown"),
        ("A", "other"),
        ("N", "other"),
        ("X", "other"),
        ("FEMALE", "female"),
        ("MALE", "male"),
    ];
    find(MAP, code)
}

/// Table 0190, address type, as address-use.
pub(super) fn address_use(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("BA", "old"),
        ("BI", "billing"),
        ("C", "temp"),
        ("B", "work"),
        ("H", "home"),
        ("O", "work"),
    ];
    find(MAP, code)
}

/// Table 0190, address type, as address-type.
pub(super) fn address_type(code: &str) -> Option<&'static str> {
    find(&[("M", "postal"), ("SH", "postal")], code)
}

/// Table 0200, name type, as name-use. The guide leaves the birth name without a use.
pub(super) fn name_use(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("BAD", "old"),
        ("D", "usual"),
        ("L", "official"),
        ("M", "maiden"),
        ("MSK", "anonymous"),
        ("N", "nickname"),
        ("NAV", "temp"),
        ("R", "official"),
        ("TEMP", "temp"),
        ("NOUSE", "old"),
    ];
    find(MAP, code)
}

/// Table 0201, telecommunication use, as contact-point-use.
pub(super) fn telecom_use(code: &str) -> Option<&'static str> {
    find(&[("PRN", "home"), ("WPN", "work"), ("PRS", "mobile")], code)
}

/// Table 0202, telecommunication equipment, as contact-point-system. A mobile telephone is a telephone with the use
/// `mobile`, see [`is_mobile`].
pub(super) fn telecom_system(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("PH", "phone"),
        ("CP", "phone"),
        ("FX", "fax"),
        ("MD", "other"),
        ("SAT", "other"),
        ("BP", "pager"),
        ("Internet", "email"),
        ("X.400", "email"),
        ("TDD", "other"),
        ("TTY", "other"),
    ];
    find(MAP, code)
}

/// Whether table 0202 says that it is a mobile telephone.
pub(super) fn is_mobile(code: &str) -> bool {
    code.eq_ignore_ascii_case("CP")
}

/// Table 0003, event, as encounter-status. The guide has A04 (register) as planned, although the patient has come by then
/// (chapter 3.3.4): here it is in progress. Events that the guide leaves out follow their definitions.
pub(super) fn encounter_status_of_event(event: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("A01", "in-progress"),
        ("A02", "in-progress"),
        ("A03", "finished"),
        ("A04", "in-progress"),
        ("A05", "planned"),
        ("A06", "in-progress"),
        ("A07", "in-progress"),
        ("A11", "cancelled"),
        ("A12", "in-progress"),
        ("A13", "in-progress"),
        ("A14", "planned"),
        ("A16", "in-progress"),
        ("A21", "onleave"),
        ("A22", "in-progress"),
        ("A23", "entered-in-error"),
        ("A27", "cancelled"),
        ("A38", "cancelled"),
    ];
    find(MAP, event)
}

/// Table 0004, patient class, as encounter-status, where no event and no discharge says more.
pub(super) fn encounter_status_of_class(class: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("E", "in-progress"),
        ("I", "in-progress"),
        ("O", "in-progress"),
        ("P", "planned"),
        ("R", "in-progress"),
        ("B", "in-progress"),
        ("C", "in-progress"),
        ("N", "in-progress"),
        ("U", "unknown"),
    ];
    find(MAP, class)
}

/// Table 0004, patient class, as v3 ActCode.
pub(super) fn encounter_class(class: &str) -> Option<(&'static str, &'static str)> {
    Some(match class.to_ascii_uppercase().as_str() {
        "E" => ("EMER", "emergency"),
        "I" => ("IMP", "inpatient encounter"),
        "O" => ("AMB", "ambulatory"),
        "P" => ("PRENC", "pre-admission"),
        _ => return None,
    })
}

/// Table 0127, allergen type, as allergy-intolerance-category.
pub(super) fn allergy_category(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("DA", "medication"),
        ("FA", "food"),
        ("EA", "environment"),
        ("AA", "biologic"),
        ("PA", "environment"),
        ("LA", "environment"),
    ];
    find(MAP, code)
}

/// Table 0127, allergen type, as allergy-intolerance-type.
pub(super) fn allergy_type(code: &str) -> Option<&'static str> {
    ["DA", "FA", "MA", "EA", "AA", "PA", "LA"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(code))
        .then_some("allergy")
}

/// Table 0128, allergy severity, as criticality.
pub(super) fn allergy_criticality(code: &str) -> Option<&'static str> {
    find(&[("SV", "high"), ("MI", "low")], code)
}

/// Table 0128, allergy severity, as severity of a reaction.
pub(super) fn reaction_severity(code: &str) -> Option<&'static str> {
    find(&[("SV", "severe"), ("MO", "moderate"), ("MI", "mild")], code)
}

/// Table 0085, status of an OBX, as observation-status. The guide leaves several without a target; they follow the
/// definitions of the table: `R` and `S` are results that are not final, `I` and `O` have none yet, `B` and `V` are final
/// results that were looked at again, `U` makes a result final.
pub(super) fn observation_status(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("A", "amended"),
        ("B", "amended"),
        ("C", "corrected"),
        ("D", "entered-in-error"),
        ("F", "final"),
        ("I", "registered"),
        ("O", "registered"),
        ("P", "preliminary"),
        ("R", "preliminary"),
        ("S", "preliminary"),
        ("U", "final"),
        ("V", "final"),
        ("W", "entered-in-error"),
        ("X", "cancelled"),
    ];
    find(MAP, code)
}

/// Table 0123, status of an OBR, as diagnostic-report-status. `A` (some results) is `partial`, `M` (corrected, not final)
/// and `N` (procedure done, results pending) follow the definitions of the table; the guide leaves them open.
pub(super) fn report_status(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("O", "registered"),
        ("I", "registered"),
        ("S", "registered"),
        ("N", "registered"),
        ("A", "partial"),
        ("P", "preliminary"),
        ("C", "corrected"),
        ("M", "corrected"),
        ("R", "partial"),
        ("F", "final"),
        ("X", "cancelled"),
    ];
    find(MAP, code)
}

/// Table 0119, order control, as request-status. Cancellation and hold that are only asked for leave the order as it is.
pub(super) fn request_status_of_control(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("AF", "active"),
        ("CA", "active"),
        ("CR", "revoked"),
        ("DC", "revoked"),
        ("DF", "revoked"),
        ("DR", "revoked"),
        ("FU", "completed"),
        ("HD", "active"),
        ("HR", "on-hold"),
        ("NW", "active"),
        ("OC", "revoked"),
        ("OD", "revoked"),
        ("OH", "on-hold"),
        ("OK", "active"),
        ("PR", "active"),
        ("PY", "active"),
        ("RL", "active"),
        ("RO", "active"),
        ("RQ", "active"),
    ];
    find(MAP, code)
}

/// Table 0038, order status, as request-status.
pub(super) fn request_status(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("A", "active"),
        ("CA", "revoked"),
        ("CM", "completed"),
        ("DC", "revoked"),
        ("ER", "entered-in-error"),
        ("HD", "on-hold"),
        ("IP", "active"),
        ("RP", "revoked"),
        ("SC", "active"),
    ];
    find(MAP, code)
}

/// A request-status as medicationrequest-status.
pub(super) fn medication_request_status(status: &str) -> &str {
    match status {
        "revoked" => "cancelled",
        other => other,
    }
}

/// Table 0485, priority, as request-priority.
pub(super) fn priority(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("S", "stat"),
        ("STAT", "stat"),
        ("A", "asap"),
        ("ASAP", "asap"),
        ("R", "routine"),
        ("ROUTINE", "routine"),
    ];
    find(MAP, code)
}

/// Table 0322, completion status of an administration, as immunization-status.
pub(super) fn completion_status(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("CP", "completed"),
        ("RE", "not-done"),
        ("NA", "not-done"),
        ("PA", "completed"),
    ];
    find(MAP, code)
}

/// Table 0278, filler status of an appointment, as appointmentstatus.
pub(super) fn appointment_status(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("Pending", "pending"),
        ("Waitlist", "waitlist"),
        ("Booked", "booked"),
        ("Started", "checked-in"),
        ("Complete", "fulfilled"),
        ("Cancelled", "cancelled"),
        ("Canceled", "cancelled"),
        ("Deleted", "entered-in-error"),
        ("Noshow", "noshow"),
    ];
    find(MAP, code)
}

/// Event of a scheduling message, as appointmentstatus, where the message states no status.
pub(super) fn appointment_status_of_event(event: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("S12", "booked"),
        ("S13", "booked"),
        ("S14", "booked"),
        ("S15", "cancelled"),
        ("S16", "cancelled"),
        ("S17", "entered-in-error"),
        ("S26", "noshow"),
    ];
    find(MAP, event)
}

/// Table 0271, completion of a document, as composition-status.
pub(super) fn document_completion(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("DI", "preliminary"),
        ("DO", "preliminary"),
        ("IP", "preliminary"),
        ("IN", "preliminary"),
        ("PA", "preliminary"),
        ("AU", "final"),
        ("LA", "final"),
    ];
    find(MAP, code)
}

/// Table 0273, availability of a document, as document-reference-status.
pub(super) fn document_availability(code: &str) -> Option<&'static str> {
    find(
        &[
            ("AV", "current"),
            ("OB", "superseded"),
            ("CA", "entered-in-error"),
        ],
        code,
    )
}

/// Event of a document message, as document-reference-status.
pub(super) fn document_status_of_event(event: &str) -> Option<&'static str> {
    (event == "T11").then_some("entered-in-error")
}

/// UCUM unit of time for the units in RPT.6 and the letter of TQ.3.
pub(super) fn time_unit(code: &str) -> Option<&'static str> {
    const MAP: &[(&str, &str)] = &[
        ("S", "s"),
        ("SEC", "s"),
        ("SECOND", "s"),
        ("M", "min"),
        ("MIN", "min"),
        ("MINUTE", "min"),
        ("H", "h"),
        ("HR", "h"),
        ("HRS", "h"),
        ("HOUR", "h"),
        ("D", "d"),
        ("DAY", "d"),
        ("W", "wk"),
        ("WK", "wk"),
        ("WEEK", "wk"),
        ("L", "mo"),
        ("MO", "mo"),
        ("MONTH", "mo"),
        ("Y", "a"),
        ("A", "a"),
        ("ANN", "a"),
        ("YEAR", "a"),
    ];
    let code = if code.len() > 3 {
        code.trim_end_matches(['s', 'S'])
    } else {
        code
    };
    find(MAP, code)
}

/// Role of a person by its code in table 0443 or 0912, as v3 ParticipationType, for roles that both name.
pub(super) fn participation(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "AD" => ("ADM", "admitter"),
        "AT" => ("ATND", "attender"),
        "CP" => ("CON", "consultant"),
        "RP" => ("REF", "referrer"),
        "RT" => ("REFT", "referred to"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_map_does_not_list_has_no_equivalent() {
        assert_eq!(gender("F"), Some("female"));
        assert_eq!(gender("Z"), None);
        assert_eq!(observation_status("C"), Some("corrected"));
        assert_eq!(observation_status("N"), None);
        assert_eq!(report_status("Y"), None);
        assert_eq!(uri(1), "http://terminology.hl7.org/CodeSystem/v2-0001");
    }
}
