//! The pairs of charts that a reviewer should look at, and how to answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ehr::merge::chart_key;
use ehr::model::{Chart, Patient};
use serde_json::Value;

use super::cell;
use super::names::Names;

pub(super) fn write(out: &mut String, review: &Value, charts: &[Chart], names: &Names<'_>) {
    let pairs = review.as_array().map(Vec::as_slice).unwrap_or_default();
    if pairs.is_empty() {
        return;
    }
    let by_id: BTreeMap<String, &Chart> = charts
        .iter()
        .filter_map(|chart| Some((chart_key(chart)?, chart)))
        .collect();
    out.push_str(
        "## For review\n\n\
         These charts may or may not be of one person. Until somebody decides they are kept apart. To decide, write the line \
         below a pair into a file, say `reviewed.csv`, with `same` or `different` at its end, and merge again with \
         `--verdicts reviewed.csv`. Keep the file for later merges.\n\n",
    );
    for (index, pair) in pairs.iter().enumerate() {
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
        let _ = writeln!(out, "\n    {},{},same|different\n", a.id, b.id);
    }
}

/// One chart of a pair, in words.
struct Side {
    id: String,
    name: String,
    born: String,
    sex: String,
    address: String,
    chart: String,
}

impl Side {
    fn new(side: &Value, charts: &BTreeMap<String, &Chart>, names: &Names<'_>) -> Self {
        let text = |member: &str| side[member].as_str().unwrap_or_default().to_owned();
        let id = text("id");
        let patient = charts.get(&id).and_then(|chart| chart.patient());
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
            id,
        }
    }
}

/// What speaks for one person and what against it, the weightiest first.
fn evidence(pair: &Value) -> String {
    let mut terms: Vec<(f64, String)> = pair["evidence"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|term| {
            let text = |member: &str| term[member].as_str().unwrap_or_default();
            let weight = term["weight"].as_f64().unwrap_or_default();
            (weight, format!("{} {}", text("field"), text("level")))
        })
        .collect();
    terms.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let side = |lead: &str, speaks: &dyn Fn(f64) -> bool| {
        let own: Vec<&str> = terms
            .iter()
            .filter(|(weight, _)| speaks(*weight))
            .map(|(_, text)| text.as_str())
            .collect();
        (!own.is_empty()).then(|| format!("{lead} {}.", own.join(", ")))
    };
    let probability = pair["probability"].as_f64().unwrap_or_default() * 100.0;
    let rule = pair["rule"]
        .as_str()
        .map(|rule| format!("Asked because: {rule}."));
    let parts = [
        side("For one person:", &|weight| weight > 0.0),
        side("Against:", &|weight| weight < 0.0),
        Some(format!("Probability of one person: {probability:.1} %.")),
        rule,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
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
            ],
            "rule": "something is not quite the same",
        }]);
        let sources = ["x/clinic.xml".to_owned(), "x/lab.hl7".to_owned()];
        let mut out = String::new();
        write(&mut out, &review, &[], &Names::new(&[], sources.iter()));
        for words in [
            "    Patient/a,Patient/b,same|different\n",
            "| chart | clinic.xml: 1 | lab.hl7: PID |",
            "For one person: given name same, sex same. Against: birth date a generation apart. \
             Probability of one person: 41.2 %. Asked because: something is not quite the same.",
            "| born | not known | not known |",
        ] {
            assert!(out.contains(words), "{words}\n{out}");
        }
    }
}
