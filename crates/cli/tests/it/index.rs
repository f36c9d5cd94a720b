//! `ehr match --index`: persons that keep their ids from run to run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{ehr, scratch, text};

const HEADER: &str = "id,source,first,last,sex,dob,phone,street,zip\n";
const MONDAY: &str = "1,a,Eleanor,Vance,F,1958-03-14,5550101418,418 Willow Lane,45424\n\
     2,b,Ellie,Vance,F,1958-03-14,5550101418,418 Willow Ln,45424\n\
     3,b,Hugh,Crain,M,1930-01-02,5550100000,1 Hill House,05001\n";
const TUESDAY: &str = "4,c,Eleanor,Vance,F,1958-03-14,5550101418,418 Willow Lane,45424\n\
     5,c,Priya,Raman,F,1991-10-21,5550107733,9 Elm Street,45424\n";

/// Runs `ehr match --index` over a table and gives the person of each row, by its id, and what was told.
fn matched(folder: &Path, table: &str, more: &[&str]) -> (BTreeMap<String, String>, Value) {
    let (people, out) = (folder.join("people.csv"), folder.join("out.csv"));
    fs::write(&people, format!("{HEADER}{table}")).unwrap();
    let index = folder.join("people.index");
    let mut all = vec![
        "match",
        text(&people),
        "--out",
        text(&out),
        "--index",
        text(&index),
    ];
    all.extend(more);
    all.extend(["--format", "json"]);
    let output = ehr(&all);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let rows = fs::read_to_string(&out).unwrap();
    let persons = rows.lines().skip(1).filter_map(|row| row.split_once(','));
    let persons = persons.map(|(id, person)| (id.to_owned(), person.to_owned()));
    (persons.collect(), serde_json::from_slice(&output.stdout).unwrap())
}

fn events(folder: &Path) -> (PathBuf, impl Fn() -> Vec<String>) {
    let path = folder.join("events.csv");
    let read = path.clone();
    (path, move || {
        let all = fs::read_to_string(&read).unwrap();
        assert!(all.starts_with("event,person,into\n"));
        all.lines().skip(1).map(str::to_owned).collect()
    })
}

#[test]
fn persons_keep_their_ids_from_run_to_run() {
    let folder = scratch("index");
    let (path, events) = events(&folder);
    let options = ["--events", text(&path)];
    let (monday, told) = matched(&folder, MONDAY, &options);
    assert_eq!(monday["1"], monday["2"]);
    assert_eq!(
        (&told["records"], &told["index"]["added"]),
        (&3.into(), &3.into())
    );
    assert_eq!(events().len(), 2);
    let (tuesday, told) = matched(&folder, TUESDAY, &options);
    assert_eq!(tuesday["4"], monday["1"]);
    assert_eq!(tuesday.len(), 2);
    assert_eq!((&told["records"], &told["persons"]), (&5.into(), &3.into()));
    assert_eq!(events(), [format!("created,{},", tuesday["5"])]);
    // What comes again changes nothing.
    let index = fs::read(folder.join("people.index")).unwrap();
    let (again, told) = matched(&folder, &format!("{TUESDAY}{MONDAY}"), &options);
    assert_eq!(
        (&told["index"]["added"], &told["index"]["known"]),
        (&0.into(), &5.into())
    );
    assert_eq!(again["1"], monday["1"]);
    assert_eq!(again["5"], tuesday["5"]);
    assert!(events().is_empty());
    assert_eq!(fs::read(folder.join("people.index")).unwrap(), index);
    assert!(
        fs::read_dir(&folder).unwrap().all(|file| !file
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".ehr")),
        "nothing half written is left"
    );
    // Learning anew keeps them, too.
    let (anew, _) = matched(&folder, MONDAY, &["--relearn"]);
    assert_eq!(anew, monday);
}

#[test]
fn verdicts_stay_in_the_index_until_others_are_given() {
    let folder = scratch("index-verdicts");
    let (path, events) = events(&folder);
    let (first, _) = matched(&folder, MONDAY, &[]);
    let verdicts = folder.join("verdicts.csv");
    fs::write(&verdicts, "a,b,verdict\n1,2,different\n").unwrap();
    let (told_apart, told) = matched(
        &folder,
        MONDAY,
        &["--verdicts", text(&verdicts), "--events", text(&path)],
    );
    assert_eq!(told_apart["1"], first["1"]);
    assert_ne!(told_apart["2"], first["1"]);
    assert_eq!(told["index"]["split"][0]["person"], first["1"]);
    let split = format!("split,{},{}", first["1"], told_apart["2"]);
    assert!(events().contains(&split), "{:?}", events());
    let (later, _) = matched(&folder, TUESDAY, &["--events", text(&path)]);
    let (still, _) = matched(&folder, MONDAY, &[]);
    assert_eq!(still, told_apart);
    assert!(later["4"] == first["1"] || later["4"] == told_apart["2"]);
    fs::write(&verdicts, "a,b,verdict\n").unwrap();
    let (back, _) = matched(
        &folder,
        MONDAY,
        &["--verdicts", text(&verdicts), "--events", text(&path)],
    );
    assert_eq!(back, first);
    assert_eq!(events(), [format!("merged,{},{}", told_apart["2"], first["1"])]);
}

#[test]
fn a_row_that_changed_is_added_beside_what_was_held() {
    let folder = scratch("index-changed");
    let (first, _) = matched(&folder, MONDAY, &[]);
    let moved = MONDAY
        .lines()
        .next()
        .unwrap()
        .replace("418 Willow Lane", "7 Beech Court");
    let (later, told) = matched(&folder, &format!("{moved}\n"), &[]);
    assert_eq!(later["1"], first["1"]);
    assert_eq!(told["findings"][0]["code"], "index.id-known");
    assert_eq!(told["records"], 4);
}

#[test]
fn what_is_no_index_is_refused_and_left_alone() {
    let folder = scratch("index-wrong");
    matched(&folder, MONDAY, &[]);
    let (people, out) = (folder.join("people.csv"), folder.join("none.csv"));
    let index = folder.join("people.index");
    let whole = fs::read_to_string(&index).unwrap();
    let newer = whole.replacen("\"version\":1", "\"version\":7", 1);
    for (content, reason) in [
        ("", "index"),
        ("{\"version\":1}", "not an index"),
        (&whole[..whole.len() / 2], "people.index"),
        (&newer, "version 7"),
        (
            &whole.replacen("\"rows\":[[", "\"rows\":[[\"Vance\",", 1),
            "not an index",
        ),
    ] {
        fs::write(&index, content).unwrap();
        let output = ehr(&[
            "match",
            text(&people),
            "--out",
            text(&out),
            "--index",
            text(&index),
        ]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(reason) && !error.contains("Vance"), "{error}");
        assert_eq!(fs::read_to_string(&index).unwrap(), content);
        assert!(!out.exists());
    }
    fs::write(&index, whole).unwrap();
    let usage = |more: &[&str]| {
        let mut all = vec!["match", text(&people), "--out", text(&out)];
        all.extend(more);
        assert_eq!(ehr(&all).status.code(), Some(2), "{more:?}");
    };
    usage(&["--index", text(&index), "--false-links", "0.01"]);
    usage(&["--index", text(&out)]);
    usage(&["--index", "-"]);
    usage(&["--events", text(&folder.join("events.csv"))]);
    usage(&["--relearn"]);
    usage(&["--show-values"]);
    fs::write(&people, "first,last\nAnn,Lee\n").unwrap();
    usage(&["--index", text(&index)]);
}

#[test]
fn what_waits_for_a_reviewer_comes_first_and_values_only_on_demand() {
    let folder = scratch("index-pairs");
    let pairs = folder.join("pairs.csv");
    // Two who may be one person, after two who are.
    let open = "7,a,Zelda,Quisling,F,1971-02-03,,,45424\n8,b,Zelda,Quislinn,F,1971-02-03,,,45424\n";
    let read = |more: &[&str]| {
        let mut all = vec!["--pairs", text(&pairs)];
        all.extend(more);
        matched(&folder, &format!("{MONDAY}{open}"), &all);
        fs::read_to_string(&pairs).unwrap()
    };
    let silent = read(&[]);
    let rows: Vec<&str> = silent.lines().collect();
    assert_eq!(rows[0], "a,b,probability,decision,evidence");
    assert!(
        rows[1].starts_with("7,8,") && rows[1].contains(",review,"),
        "{silent}"
    );
    assert!(
        rows[2].starts_with("1,2,") && rows[2].contains(",match,"),
        "{silent}"
    );
    for value in ["zelda", "Zelda", "vance", "1971", "willow"] {
        assert!(!silent.contains(value), "{silent}");
    }
    let shown = read(&["--show-values"]);
    assert!(shown.starts_with("a,b,probability,decision,evidence,values\n"));
    assert!(shown.contains("family name: quisling | quislinn"), "{shown}");
    assert!(shown.contains("given name: eleanor | ellie"), "{shown}");
}
