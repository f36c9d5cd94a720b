//! What reviewers' verdicts teach, and what they do not.

use ehr_link::{Config, Decision, Field, Linkage, Record, Verdict, Verdicts, link};

use crate::sample::registrations;

/// Registrations of which some are of one given name, address and telephone, and of another family
/// name and birth date: married and mistyped, or mother and daughter; only a reviewer can tell.
fn with_open_pairs() -> (Vec<Record>, Vec<[usize; 2]>) {
    let mut records = registrations(400);
    let mut open = Vec::new();
    for n in 0..40 {
        let first = records.len();
        for (family, birth) in [("Abernathy", "1951-02-0"), ("Zielinski", "1953-10-2")] {
            let mut record = Record::new(format!("open{}", records.len()));
            record.set(
                Field::Given,
                ["Philippa", "Leopold", "Georgina", "Ferdinand"][n % 4],
            );
            record.set(
                Field::Family,
                &format!("{family}{}", "qxzjkvw".get(n % 7..=n % 7).expect("a letter")),
            );
            record.set(Field::BirthDate, &format!("{birth}{}", 1 + n % 9));
            record.set(Field::Street, &format!("{} Pine Street", 100 + n));
            record.set(Field::PostalCode, "20400");
            record.set(Field::Phone, &format!("212555{:04}", 3000 + 7 * n));
            records.push(record);
        }
        open.push([first, first + 1]);
    }
    (records, open)
}

/// Mean score of pairs that no reviewer has seen.
fn score(linkage: &Linkage, pairs: &[[usize; 2]]) -> f64 {
    let scores = pairs
        .iter()
        .map(|[a, b]| linkage.explain(*a, *b).expect("both exist").score);
    scores.sum::<f64>() / pairs.len() as f64
}

fn learnt(records: &[Record], reviewed: &[[usize; 2]], verdict: Verdict, weight: f64) -> Linkage {
    let mut verdicts = Verdicts::default();
    for [a, b] in reviewed {
        verdicts.set(&records[*a].id, &records[*b].id, verdict);
    }
    let mut config = Config::default();
    config.verdict_weight = weight;
    link(records, &config, &verdicts)
}

#[test]
fn verdicts_teach_about_pairs_like_theirs() {
    let (records, open) = with_open_pairs();
    let (reviewed, unseen) = open.split_at(20);
    let before = score(&link(&records, &Config::default(), &Verdicts::default()), unseen);
    let same = score(&learnt(&records, reviewed, Verdict::Same, 3.0), unseen);
    let different = score(&learnt(&records, reviewed, Verdict::Different, 3.0), unseen);
    assert!(same > before + 1.0, "{same} {before}");
    assert!(different < before - 0.1, "{different} {before}");
    // The more a verdict counts for, the further it carries.
    let loud = score(&learnt(&records, reviewed, Verdict::Same, 30.0), unseen);
    assert!(loud > same, "{loud} {same}");
}

#[test]
fn verdicts_without_weight_stand_for_their_own_pairs_alone() {
    let (records, open) = with_open_pairs();
    let plain = link(&records, &Config::default(), &Verdicts::default());
    let linkage = learnt(&records, &open[..20], Verdict::Same, 0.0);
    assert_eq!(linkage.parameters(), plain.parameters());
    for [a, b] in &open[..20] {
        assert_eq!(linkage.person_of(*a), linkage.person_of(*b));
        let pair = linkage
            .pairs
            .iter()
            .find(|p| (p.a, p.b) == (*a, *b))
            .expect("listed");
        assert_eq!(pair.decision, Decision::Match);
    }
}
