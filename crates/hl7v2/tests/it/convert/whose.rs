//! Whose a message is.

use ehr_model::{AllergyIntolerance, Chart, Import};
use ehr_types::Severity;

use super::{JANE, all, message, one, read, residual};

/// PID by its identifiers, name, birth date and sex.
fn pid(identifiers: &str, name: &str, birth: &str, sex: &str) -> String {
    format!("PID|1||{identifiers}||{name}||{birth}|{sex}")
}

fn ann() -> String {
    pid("7^^^H^MR", "Alpha^Ann", "19700102", "F")
}

fn robert() -> String {
    pid("7^^^H^MR", "Beta^Robert", "19550102", "M")
}

/// An update about a patient, with an allergy that tells the message apart.
fn told(pid: &str, allergy: &str) -> String {
    message("ADT^A08", &[pid, &format!("AL1|1|DA|{allergy}^^L")])
}

fn feed(messages: &[(&str, &str)]) -> Import {
    let text: String = messages.iter().map(|(pid, allergy)| told(pid, allergy)).collect();
    read(&text)
}

/// The allergies of each chart.
fn allergies(import: &Import) -> Vec<Vec<String>> {
    let of = |chart: &Chart| {
        all(chart, AllergyIntolerance::from_record)
            .iter()
            .map(|allergy| allergy.code.as_ref().unwrap().codings[0].code.clone().unwrap())
            .collect()
    };
    import.charts.iter().map(of).collect()
}

fn places(import: &Import, code: &str) -> Vec<String> {
    let of_code = import.findings.iter().filter(|finding| finding.code == code);
    of_code
        .inspect(|finding| assert!(finding.location.line.is_some() && finding.severity == Severity::Warning))
        .map(|finding| finding.location.path.clone())
        .collect()
}

#[test]
fn a_placeholder_makes_nobody_the_same_person() {
    for value in ["UNKNOWN", "0", "999999999", "N/A", "TEMP", "00000000", "none"] {
        let identifier = format!("{value}^^^H^MR");
        let import = feed(&[
            (&pid(&identifier, "Alpha^Ann", "19700102", "F"), "A"),
            (&pid(&identifier, "Beta^Robert", "19550102", "M"), "B"),
            (&pid(&identifier, "Gamma^Carl", "20010102", "M"), "C"),
        ]);
        assert_eq!(allergies(&import), [["A"], ["B"], ["C"]], "{value}");
        let expected = ["MSG[1]/PID-3[1]", "MSG[2]/PID-3[1]", "MSG[3]/PID-3[1]"];
        assert_eq!(places(&import, "v2.patient.placeholder"), expected);
        let patient = import.charts[0].patient().unwrap();
        assert_eq!(patient.identifier[0].value.as_deref(), Some(value), "it is kept");
    }
    // Beside an identifier, or where another field has one, it does no harm.
    for with in [
        "PID|1||UNKNOWN^^^H^MR~7^^^H^MR||Alpha^Ann",
        "PID|1|7^^^H^MR|0^^^H^MR||Alpha^Ann",
    ] {
        let import = feed(&[(with, "A"), (with, "B")]);
        assert_eq!(allergies(&import), [["A", "B"]], "{with}");
        assert_eq!(places(&import, "v2.patient.placeholder"), Vec::<String>::new());
    }
}

#[test]
fn a_reused_number_is_two_patients_in_whatever_order() {
    let (a, b) = (ann(), robert());
    let import = feed(&[(&a, "A1"), (&b, "B"), (&a, "A2")]);
    assert_eq!(allergies(&import), [vec!["A1", "A2"], vec!["B"]]);
    assert_eq!(places(&import, "v2.patient.contradicted"), ["MSG[2]/PID"]);
    assert_eq!(places(&import, "v2.patient.replaced"), Vec::<String>::new());
    let ids = |import: &Import| -> Vec<String> {
        let id = |chart: &Chart| chart.patient_entry().unwrap().id.key.clone();
        let mut ids: Vec<String> = import.charts.iter().map(id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&import).len(), 2);
    let other = feed(&[(&b, "B"), (&a, "A2"), (&a, "A1")]);
    assert_eq!(allergies(&other), [vec!["B"], vec!["A2", "A1"]]);
    assert_eq!(places(&other, "v2.patient.contradicted"), ["MSG[2]/PID"]);
    assert_eq!(ids(&import), ids(&other), "the ids do not depend on the order");
}

#[test]
fn a_correction_or_a_marriage_is_the_same_patient_and_is_reported() {
    for (other, field) in [
        (pid("7^^^H^MR", "Roe^Ann", "19700102", "F"), "PID-5"),
        (pid("7^^^H^MR", "Alpha^Anne", "19700102", "F"), "PID-5"),
        (pid("7^^^H^MR", "Alpha^Ann", "19551203", "F"), "PID-7"),
        (pid("7^^^H^MR", "Alpha^Ann", "19700102", "M"), "PID-8"),
    ] {
        let import = feed(&[(&ann(), "A"), (&other, "B")]);
        assert_eq!(allergies(&import), [["A", "B"]], "{other}");
        let replaced = places(&import, "v2.patient.replaced");
        assert_eq!(replaced.len(), 1, "{other}");
        assert!(
            replaced[0].starts_with(&format!("MSG[2]/{field}")),
            "{replaced:?}"
        );
        assert_eq!(places(&import, "v2.patient.contradicted"), Vec::<String>::new());
    }
    // One after the other.
    let married = pid("7^^^H^MR", "Beta^Ann", "19700102", "F");
    let corrected = pid("7^^^H^MR", "Beta^Ann", "19551203", "F");
    for order in [[0, 1, 2], [0, 2, 1], [2, 0, 1]] {
        let all = [ann(), married.clone(), corrected.clone()];
        let messages: Vec<(&str, &str)> = order.iter().map(|n| (all[*n].as_str(), "A")).collect();
        assert_eq!(feed(&messages).charts.len(), 1, "{order:?}");
    }
    let import = feed(&[(&ann(), "A"), (&ann(), "B")]);
    assert_eq!(places(&import, "v2.patient.replaced"), Vec::<String>::new());
}

#[test]
fn a_message_without_demographics_is_of_the_patient_of_its_number() {
    let (a, b) = (ann(), robert());
    let bare = "PID|1||7^^^H^MR";
    let import = feed(&[(bare, "1"), (&a, "2"), (bare, "3")]);
    assert_eq!(allergies(&import), [["1", "2", "3"]]);
    assert_eq!(places(&import, "v2.patient.contradicted"), Vec::<String>::new());

    let import = feed(&[(&a, "A"), (bare, "A'"), (&b, "B"), (bare, "B'"), (&a, "A\"")]);
    assert_eq!(allergies(&import), [vec!["A", "A'", "A\""], vec!["B", "B'"]]);
    let expected = ["MSG[2]/PID", "MSG[3]/PID", "MSG[4]/PID"];
    assert_eq!(places(&import, "v2.patient.contradicted"), expected);

    // What little a message says tells whose it is.
    let import = feed(&[(&a, "A"), (&b, "B"), (&pid("7^^^H^MR", "Alpha^A", "", "F"), "A'")]);
    assert_eq!(allergies(&import), [vec!["A", "A'"], vec!["B"]]);
    assert_eq!(places(&import, "v2.patient.contradicted"), ["MSG[2]/PID"]);
    // As does another number.
    let two = "PID|1||7^^^H^MR~8^^^H^MR";
    let with_eight = a.replace("7^^^H^MR", "7^^^H^MR~8^^^H^MR");
    let import = feed(&[(&with_eight, "A"), (&b, "B"), (two, "A'")]);
    assert_eq!(allergies(&import), [vec!["A", "A'"], vec!["B"]]);
}

#[test]
fn a_message_that_says_little_does_not_make_two_people_one() {
    let (a, b) = (ann(), robert().replace("7^^^H^MR", "8^^^H^MR"));
    let both = "PID|1||7^^^H^MR~8^^^H^MR";
    for order in [[0, 1, 2], [2, 0, 1], [0, 2, 1]] {
        let all = [(a.as_str(), "A"), (b.as_str(), "B"), (both, "C")];
        let import = feed(&order.map(|n| all[n]));
        assert_eq!(import.charts.len(), 2, "{order:?}");
        assert!(
            !places(&import, "v2.patient.contradicted").is_empty(),
            "{order:?}"
        );
    }
    // Of people who can be one it states that they are.
    let same = a.replace("7^^^H^MR", "8^^^H^MR");
    assert_eq!(feed(&[(&a, "A"), (&same, "B"), (both, "C")]).charts.len(), 1);
}

#[test]
fn a_stated_merger_holds_whatever_the_names() {
    let merged = message(
        "ADT^A40^ADT_A39",
        &["EVN|A40|20240102", JANE, "MRG|9^^^ACME^MR||||||Zed^Zoe"],
    );
    let import = read(&[told(JANE, "A"), merged].concat());
    assert_eq!(import.charts.len(), 1);
    let patient = import.charts[0].patient().unwrap();
    assert_eq!(patient.link[0].type_.as_deref(), Some("replaces"));
    assert_eq!(places(&import, "v2.patient.contradicted"), Vec::<String>::new());
}

#[test]
fn many_patients_of_one_number_are_told_apart() {
    let people: Vec<String> = (0..300)
        .map(|n| {
            let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
            let name = format!("{0}{0}{0}{1}{1}{1}", letter(n), letter(n / 26 + n));
            let birth = format!("{}{:02}{:02}", 1920 + n % 90, n % 12 + 1, n % 28 + 1);
            pid("7^^^H^MR", &format!("{name}x^{name}"), &birth, "F")
        })
        .collect();
    let messages: Vec<(&str, &str)> = people
        .iter()
        .chain(&people)
        .map(|pid| (pid.as_str(), "A"))
        .collect();
    let import = feed(&messages);
    assert!(import.charts.len() > 250, "{}", import.charts.len());
    let ids: std::collections::HashSet<_> = import
        .charts
        .iter()
        .map(|chart| chart.patient_entry().unwrap().id.clone())
        .collect();
    assert_eq!(ids.len(), import.charts.len());
}

const JANE_ROE: &str = "PID|1||8^^^ACME^MR||Roe^Jane||19800302|F";

/// ADT of an event at a time, of Jane by two names.
fn of_two(event: &str, at: &str) -> String {
    of_jane_and(JANE_ROE, event, at)
}

fn of_jane_and(other: &str, event: &str, at: &str) -> String {
    format!("MSH|^~\\&|APP|ACME|||{at}||ADT^{event}|{event}{at}|P|2.5.1\rEVN|{event}|{at}\r{JANE}\r{other}\r")
}

fn codes(import: &Import) -> Vec<&str> {
    import.findings.iter().map(|finding| &*finding.code).collect()
}

fn links(chart: &Chart) -> Vec<&str> {
    let links = chart.patient().unwrap().link.iter();
    links.map(|link| link.type_.as_deref().unwrap()).collect()
}

#[test]
fn what_was_said_last_of_two_patients_counts() {
    let (link, part) = (of_two("A24", "20240102"), of_two("A37", "20240103"));
    let linked = read(&link);
    assert_eq!(linked.charts.len(), 2);
    for chart in &linked.charts {
        assert_eq!(links(chart), ["seealso"]);
    }
    // In whatever order they were sent.
    for feed in [format!("{link}{part}"), format!("{part}{link}")] {
        let parted = read(&feed);
        assert_eq!(codes(&parted), ["v2.link.undone"]);
        for chart in &parted.charts {
            assert_eq!(links(chart), Vec::<&str>::new());
            let standing = ehr_model::IdentityStatement::standing(&chart.identity);
            assert!(standing.len() == 1 && !standing[0].is_one_person);
            let undone: Vec<_> = residual(chart)
                .into_iter()
                .filter(|(path, _)| path.ends_with("#link"))
                .collect();
            assert_eq!(undone.len(), 1, "what is taken back is not lost");
        }
    }
    let again = read(&format!("{link}{part}{}", of_two("A24", "20240104")));
    for chart in &again.charts {
        assert_eq!(links(chart), ["seealso"]);
    }
    // So does a merger, which names the other in MRG.
    let merger = format!(
        "MSH|^~\\&|APP|ACME|||20240105||ADT^A40|M1|P|2.5.1\rEVN|A40|20240105\r{JANE}\rMRG|8^^^ACME^MR\r"
    );
    let merged = read(&format!("{link}{part}{merger}"));
    let standing =
        ehr_model::IdentityStatement::standing(merged.charts.iter().flat_map(|chart| &chart.identity));
    assert!(standing.iter().all(|statement| statement.is_one_person));
}

#[test]
fn a_link_of_two_who_are_unlike_is_for_a_person_to_decide() {
    let john = "PID|1||8^^^ACME^MR||Doe^John||19790101|M";
    // What the link does not say, an earlier message said.
    let known = message("ADT^A04", &[john]);
    let bare = of_jane_and("PID|1||8^^^ACME^MR", "A24", "20240105");
    for feed in [of_jane_and(john, "A24", "20240102"), format!("{known}{bare}")] {
        let import = read(&feed);
        assert_eq!(codes(&import), ["v2.link.contradicted"]);
        let finding = &import.findings[0];
        assert!(finding.is_error() && finding.location.path.ends_with("PID[2]"));
        assert_eq!(import.charts.len(), 2);
        for chart in &import.charts {
            assert_eq!(links(chart), Vec::<&str>::new());
            assert!(chart.identity.len() == 1 && chart.identity[0].is_one_person);
        }
    }
    // Another name alone, or another date alone, is why there were two numbers.
    for other in [
        "PID|1||8^^^ACME^MR||Roe^Janie||19800202|F",
        "PID|1||8^^^ACME^MR||Roe^Jane||19650911|F",
        "PID|1||8^^^ACME^MR",
    ] {
        let import = read(&of_jane_and(other, "A24", "20240102"));
        assert!(!codes(&import).contains(&"v2.link.contradicted"), "{other}");
        assert_eq!(links(&import.charts[0]), ["seealso"]);
    }
}

#[test]
fn each_application_has_local_codes_of_its_own() {
    let system = |application: &str, code: &str| {
        let text = message("ADT^A01", &[JANE, &format!("AL1|1|DA|{code}")]);
        let chart = one(&text.replace("|APP|", &format!("|{application}|")));
        let allergy = all(&chart, AllergyIntolerance::from_record)[0];
        allergy.code.as_ref().unwrap().codings[0].system.clone().unwrap()
    };
    for (code, is_shared) in [
        ("12^Latex^L", false),
        ("12^Latex^99ALG", false),
        ("12^Latex^DRUGS", true),
        ("12^Latex^RXNORM", true),
    ] {
        assert_eq!(system("ADT", code) == system("PHARM", code), is_shared, "{code}");
        assert_eq!(system("ADT", code), system("ADT", code));
    }
}

#[test]
fn what_is_of_a_test_is_labelled() {
    let text = message("ADT^A01", &[JANE, "AL1|1|DA|12^Latex^L"]);
    let of_test = |text: &str| {
        let chart = one(text);
        let is_test = |entry: &ehr_model::Entry| {
            entry
                .labels
                .iter()
                .any(|label| label.code.as_deref() == Some("HTEST"))
        };
        (
            chart.entries.iter().all(is_test),
            chart.entries.iter().any(is_test),
        )
    };
    assert_eq!(of_test(&text), (false, false));
    assert_eq!(of_test(&text.replace("|P|2.5.1", "|T|2.5.1")), (true, true));
}

#[test]
fn who_shares_an_identifier_is_not_parted_by_it() {
    let both = "PID|1||7^^^ACME^MR~E1^^^MPI^PI||Doe^Jane||19800202|F";
    let other = "PID|1||8^^^ACME^MR~E1^^^MPI^PI||Doe^Jane||19800202|F";
    let one = read(&message("ADT^A37", &[both, other]));
    assert_eq!(codes(&one), ["v2.link.not-applied"]);
    // Two charts, because their demographics contradict each other: what both have names neither.
    let third = "PID|1||8^^^ACME^MR~E1^^^MPI^PI||Roe^Ann||19500505|F";
    let two = read(&message("ADT^A37", &[both, third]));
    assert_eq!(two.charts.len(), 2);
    let statement = &two.charts[0].identity[0];
    let numbers = |references: &[ehr_model::Reference]| -> Vec<String> {
        let numbers = references
            .iter()
            .filter_map(|reference| reference.identifier.as_ref()?.value.clone());
        numbers.collect()
    };
    assert_eq!(
        (numbers(&statement.patient), numbers(&statement.other)),
        (vec!["7".to_owned()], vec!["8".to_owned()])
    );
}
