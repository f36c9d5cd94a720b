//! The pairs of charts that a reviewer should look at, and how to answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ehr::merge::chart_key;
use ehr::model::{Chart, HealthRecord, Patient};
use serde_json::Value;

use super::cell;
use super::names::Names;

pub(super) fn write(
    out: &mut String,
    review: &Value,
    charts: &[Chart],
    records: &[HealthRecord],
    names: &Names<'_>,
) {
    let questions = questions(review, &persons(records));
    if questions.is_empty() {
        return;
    }
    let by_id: BTreeMap<String, &Chart> = charts
        .iter()
        .filter_map(|chart| Some((chart_key(chart)?, chart)))
        .collect();
    out.push_str(
        "## For review\n\n\
         These charts may or may not be of one person. Until somebody decides they are kept apart. To decide, write the lines \
         below a pair into a file, say `reviewed.csv`, with `same` or `different` at their ends, and merge again with \
         `--verdicts reviewed.csv`. Keep the file for later merges.\n\n",
    );
    for (index, pairs) in questions.iter().enumerate() {
        let Some(pair) = pairs.first() else { continue };
        let _ = writeln!(out, "### Pair {}\n", index + 1);
        let sides = [&pair["a"], &pair["b"]].map(|side| Side::new(side, &by_id, names));
        let [a, b] = &sides;
        let _ = writeln!(out, "| | first | second |\n|---|---|---|");
        let rows = [
            ("name", &a.name, &b.name),
            ("born", &a.born, &b.born),
            ("sex", &a.sex, &b.sex),
            ("address", &a.address, &b.address),
            ("chart", &a.chart, &b.chart),
        ];
        for (what, first, second) in rows {
            let _ = writeln!(out, "| {what} | {} | {} |", cell(first), cell(second));
        }
        let _ = writeln!(out, "\n{}", evidence(pair));
        if pairs.len() > 1 {
            let _ = writeln!(
                out,
                "\nThe two persons have more charts that are like this. One `same` is enough; `different` takes a line for each pair:"
            );
        }
        out.push('\n');
        for pair in pairs {
            let id = |side: &str| pair[side]["id"].as_str().unwrap_or_default().to_owned();
            let _ = writeln!(out, "    {},{},same|different", id("a"), id("b"));
        }
        out.push('\n');
    }
}

/// By chart, whose it is.
fn persons(records: &[HealthRecord]) -> BTreeMap<String, &str> {
    let of = |record: &'_ HealthRecord| record.charts.iter().filter_map(chart_key).collect::<Vec<_>>();
    records
        .iter()
        .flat_map(|record| {
            of(record)
                .into_iter()
                .map(|chart| (chart, record.person.as_str()))
        })
        .collect()
}

/// The pairs by question: one about two persons is asked once, by the pair that is most likely one person.
fn questions<'v>(review: &'v Value, persons: &BTreeMap<String, &str>) -> Vec<Vec<&'v Value>> {
    let probability = |pair: &Value| pair["probability"].as_f64().unwrap_or_default();
    let mut questions: Vec<Vec<&Value>> = Vec::new();
    let mut about: BTreeMap<[&str; 2], usize> = BTreeMap::new();
    for pair in review.as_array().into_iter().flatten() {
        let mut sides = [&pair["a"], &pair["b"]].map(|side| {
            let chart = side["id"].as_str().unwrap_or_default();
            persons.get(chart).copied().unwrap_or(chart)
        });
        sides.sort_unstable();
        let at = *about.entry(sides).or_insert(questions.len());
        match questions.get_mut(at) {
            Some(pairs) => pairs.push(pair),
            None => questions.push(vec![pair]),
        }
    }
    for pairs in &mut questions {
        pairs.sort_by(|a, b| probability(b).total_cmp(&probability(a)));
    }
    // The most open question first, as in the review queue of a linkage.
    questions.sort_by(|a, b| {
        let open = |pairs: &[&Value]| pairs.first().map_or(0.5, |pair| (probability(pair) - 0.5).abs());
        open(a).total_cmp(&open(b))
    });
    questions
}

/// One chart of a pair, in words.
struct Side {
    name: String,
    born: String,
    sex: String,
    address: String,
    chart: String,
}

impl Side {
    fn new(side: &Value, charts: &BTreeMap<String, &Chart>, names: &Names<'_>) -> Self {
        let text = |member: &str| side[member].as_str().unwrap_or_default().to_owned();
        let patient = charts.get(&text("id")).and_then(|chart| chart.patient());
        let of = |get: &dyn Fn(&Patient) -> Option<String>| {
            patient.and_then(get).unwrap_or_else(|| "not known".to_owned())
        };
        Self {
            name: of(&|patient| patient.name.first()?.display()),
            born: of(&|patient| Some(patient.birth_date?.to_string())),
            sex: of(&|patient| patient.gender.as_ref()?.code.clone()),
            address: of(&|patient| {
                let address = patient.address.first()?;
                let parts = address.line.iter().chain(&address.city).chain(&address.state);
                let written: Vec<&str> = parts.chain(&address.postal_code).map(String::as_str).collect();
                Some(address.text.clone().unwrap_or_else(|| written.join(", ")))
            }),
            chart: format!("{}: {}", names.of(&text("source")), text("patient")),
        }
    }
}

/// Levels of a comparison on which two charts do not differ.
const ALIKE: [&str; 4] = [
    "same",
    "nickname or alias",
    "initial",
    "compatible at the given precision",
];

/// What speaks for one person and what against it, the weightiest first. What is alike is not said to speak against, though relatives
/// or namesakes share it more often than one person's charts do.
fn evidence(pair: &Value) -> String {
    let mut terms: Vec<(f64, bool, String)> = pair["evidence"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|term| {
            let text = |member: &str| term[member].as_str().unwrap_or_default();
            let weight = term["weight"].as_f64().unwrap_or_default();
            let is_alike = ALIKE.contains(&text("level"));
            (weight, is_alike, format!("{} {}", text("field"), text("level")))
        })
        .collect();
    terms.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let side = |lead: &str, speaks: &dyn Fn(f64, bool) -> bool| {
        let own: Vec<&str> = terms
            .iter()
            .filter(|(weight, is_alike, _)| speaks(*weight, *is_alike))
            .map(|(.., text)| text.as_str())
            .collect();
        (!own.is_empty()).then(|| format!("{lead} {}.", own.join(", ")))
    };
    let probability = percent(pair["probability"].as_f64().unwrap_or_default());
    let rule = pair["rule"]
        .as_str()
        .map(|rule| format!("Asked because: {rule}."));
    let parts = [
        side("For one person:", &|weight, _| weight > 0.0),
        side(
            "Alike, but that speaks for one person little:",
            &|weight, is_alike| is_alike && weight <= 0.0,
        ),
        side("Against:", &|weight, is_alike| weight < 0.0 && !is_alike),
        Some(format!("Probability of one person: {probability}.")),
        rule,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A probability in words: nothing that waits for a person is certain.
fn percent(probability: f64) -> String {
    let percent = probability * 100.0;
    if percent >= 99.95 {
        "over 99.9 %".to_owned()
    } else if percent < 0.05 {
        "under 0.1 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pair_says_how_to_answer() {
        let review = json!([{
            "a": {"source": "x/clinic.xml", "patient": "1", "id": "Patient/a"},
            "b": {"source": "x/lab.hl7", "patient": "PID", "id": "Patient/b"},
            "probability": 0.412,
            "evidence": [
                {"field": "sex", "level": "same", "weight": 0.8},
                {"field": "given name", "level": "same", "weight": 2.7},
                {"field": "birth date", "level": "a generation apart", "weight": -8.1},
                {"field": "family name", "level": "same", "weight": -0.2},
            ],
            "rule": "something is not quite the same",
        }]);
        let sources = ["x/clinic.xml".to_owned(), "x/lab.hl7".to_owned()];
        let mut out = String::new();
        write(&mut out, &review, &[], &[], &Names::new(&[], sources.iter()));
        for words in [
            "    Patient/a,Patient/b,same|different\n",
            "| chart | clinic.xml: 1 | lab.hl7: PID |",
            "For one person: given name same, sex same. Alike, but that speaks for one person little: \
             family name same. Against: birth date a generation apart. Probability of one person: 41.2 %. Asked because: something is not quite the same.",
            "| born | not known | not known |",
        ] {
            assert!(out.contains(words), "{words}\n{out}");
        }
    }

    #[test]
    fn two_persons_are_asked_about_once() {
        let pair = |a: &str, b: &str, probability: f64| json!({"a": {"id": a}, "b": {"id": b}, "probability": probability});
        let review = json!([pair("x1", "y", 0.6), pair("y", "x2", 0.9), pair("y", "z", 0.99)]);
        let persons =
            [("x1", "x"), ("x2", "x"), ("y", "y")].map(|(chart, person)| (chart.to_owned(), person));
        let asked = questions(&review, &persons.into());
        let first: Vec<(&Value, usize)> = asked
            .iter()
            .map(|pairs| (&pairs[0]["b"]["id"], pairs.len()))
            .collect();
        assert_eq!(first, [(&"x2".into(), 2), (&"z".into(), 1)], "the open one first");
    }

    #[test]
    fn no_open_question_is_certain() {
        for (probability, words) in [
            (0.999_946, "over 99.9 %"),
            (0.000_1, "under 0.1 %"),
            (0.5, "50.0 %"),
        ] {
            assert_eq!(percent(probability), words);
        }
    }
}
