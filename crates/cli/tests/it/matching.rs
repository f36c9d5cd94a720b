//! `ehr match`: the rows of a table, as they are found in the field.

use std::fs;

use serde_json::Value;

use crate::{ehr, scratch, text};

#[test]
fn match_finds_the_rows_of_one_person() {
    let folder = scratch("match");
    let people = folder.join("people.csv");
    fs::write(
        &people,
        "rec_id,source,first,last,sex,dob,phone,street,city,state,zip,shoe_size\n\
         1,a,Eleanor,Vance,F,1958-03-14,5550101418,418 Willow Lane,Riverside,OH,45424,38\n\
         2,b,Ellie,Vance,F,1958-03-14,5550101418,418 Willow Ln,Riverside,OH,45424,38\n\
         3,b,Hugh,Crain,M,1930-01-02,5550100000,1 Hill House,Hillsdale,VT,05001,44\n",
    )
    .unwrap();
    let (out, pairs) = (folder.join("out.csv"), folder.join("pairs.csv"));
    let output = ehr(&[
        "match",
        text(&people),
        "--out",
        text(&out),
        "--pairs",
        text(&pairs),
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("ignored columns: shoe_size"));
    let rows = fs::read_to_string(&out).unwrap();
    let persons: Vec<(&str, &str)> = rows
        .lines()
        .skip(1)
        .filter_map(|row| row.split_once(','))
        .collect();
    assert_eq!(persons.len(), 3);
    assert_eq!(persons[0].1, persons[1].1);
    assert_ne!(persons[0].1, persons[2].1);
    assert!(
        fs::read_to_string(&pairs)
            .unwrap()
            .starts_with("a,b,probability,decision,evidence\n1,2,")
    );
}

#[test]
fn a_reviewers_answer_stands_above_what_is_learnt() {
    let folder = scratch("match-verdicts");
    let people = folder.join("people.csv");
    fs::write(
        &people,
        "id,first,last,dob,phone\n1,Ann,Lee,1990-03-07,555-010-2001\n2,Ann,Lee,1990-03-07,555-010-2001\n3,Zoe,Ray,1950-01-02,\n",
    )
    .unwrap();
    let (out, verdicts) = (folder.join("out.csv"), folder.join("reviewed.csv"));
    let persons = |args: &[&str]| {
        let output = ehr(&[&["match", text(&people), "--out", text(&out)], args].concat());
        let rows = fs::read_to_string(&out).unwrap();
        let persons: Vec<String> = rows
            .lines()
            .skip(1)
            .map(|row| row.split(',').nth(1).unwrap().to_owned())
            .collect();
        (persons, output)
    };
    let (alone, _) = persons(&[]);
    assert_eq!(alone[0], alone[1]);
    fs::write(&verdicts, "a,b,verdict\n1,2,different\n1,3,same\n1,77,same\n").unwrap();
    let (decided, output) = persons(&["--verdicts", text(&verdicts)]);
    assert_ne!(decided[0], decided[1]);
    assert_eq!(decided[0], decided[2]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("a verdict names 77"));

    fs::write(&verdicts, "1,2,perhaps\n").unwrap();
    assert_eq!(persons(&["--verdicts", text(&verdicts)]).1.status.code(), Some(2));
    for (share, code) in [("0", 2), ("1", 2), ("much", 2), ("0.0001", 0)] {
        assert_eq!(
            persons(&["--false-links", share]).1.status.code(),
            Some(code),
            "{share}"
        );
    }
}

#[test]
fn match_keeps_strangers_of_one_record_id_apart() {
    let folder = scratch("match-one-id");
    let (people, out) = (folder.join("people.csv"), folder.join("out.csv"));
    // The first row is short, the third has empty cells beyond the header.
    fs::write(
        &people,
        "rec_id,first,last,dob\n1,Ann,Lee\n1,Hugh,Crain,1930-01-02\n1,Zoe,Ray,1990-12-10,,\n",
    )
    .unwrap();
    let output = ehr(&["match", text(&people), "--out", text(&out)]);
    assert!(output.status.success());
    let rows = fs::read_to_string(&out).unwrap();
    let mut persons: Vec<&str> = rows.lines().skip(1).map(|row| &row[2..]).collect();
    persons.sort_unstable();
    persons.dedup();
    assert_eq!(persons.len(), 3, "{rows}");
}

#[test]
fn match_never_writes_over_its_input() {
    let folder = scratch("match-over");
    let (people, out) = (folder.join("people.csv"), folder.join("out.csv"));
    let table = "rec_id,first,last,dob\n1,Ann,Lee,1990-12-10\n";
    fs::write(&people, table).unwrap();
    for arguments in [
        [
            "match",
            text(&people),
            "--out",
            text(&people),
            "--pairs",
            text(&out),
        ],
        ["match", text(&people), "--out", text(&out), "--pairs", text(&out)],
    ] {
        assert_eq!(ehr(&arguments).status.code(), Some(2));
    }
    assert_eq!(fs::read_to_string(&people).unwrap(), table);
    assert!(!out.exists());
}

#[test]
fn match_refuses_a_table_without_people() {
    let folder = scratch("match-wrong");
    let table = folder.join("t.csv");
    fs::write(&table, "colour,size\nred,3\n").unwrap();
    assert_eq!(
        ehr(&["match", text(&table), "--out", text(&folder.join("o.csv"))])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(
        ehr(&["match", text(&table), "--out", "x.csv", "--map", "colour=shade"])
            .status
            .code(),
        Some(2)
    );
}

/// What `ehr match --format json` says of a table, with its exit status and the rows of its result.
fn matched(name: &str, table: &[u8], more: &[&str]) -> (Option<i32>, Value, Vec<String>) {
    let folder = scratch(&format!("match-{name}"));
    let (people, out) = (folder.join("people.csv"), folder.join("out.csv"));
    fs::write(&people, table).unwrap();
    let mut all = vec!["match", text(&people), "--out", text(&out)];
    all.extend(more);
    let told = ehr(&all);
    let errors = String::from_utf8_lossy(&told.stderr).into_owned();
    all.extend(["--format", "json"]);
    let output = ehr(&all);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{name}: {errors}"));
    for finding in said["findings"].as_array().unwrap() {
        let code = finding["code"].as_str().unwrap();
        assert!(errors.contains(code), "{name}: told to a person, too: {errors}");
        let place = finding["line"]
            .as_u64()
            .map(|line| format!("first in line {line}"));
        assert!(
            place.is_none_or(|place| errors.contains(&place)),
            "{name}: {errors}"
        );
        for value in ["Vance", "Eleanor", "1958", "Crain"] {
            assert!(
                !finding.to_string().contains(value),
                "no value of a person: {finding}"
            );
        }
    }
    let rows = fs::read_to_string(&out).unwrap();
    (
        output.status.code(),
        said,
        rows.lines().skip(1).map(str::to_owned).collect(),
    )
}

/// Codes of findings, each with its line.
type Told = &'static [(&'static str, Option<u64>)];

/// A table of three rows, of which the first two are one person, with one thing wrong.
#[test]
fn what_is_wrong_with_a_table_is_told_and_no_row_is_lost() {
    const HEADER: &str = "rec_id,first,last,sex,dob,phone,zip\n";
    const TWO: &str =
        "1,Eleanor,Vance,F,1958-03-14,5550101418,45424\n2,Eleanor,Vance,F,1958-03-14,5550101418,45424\n";
    const LAST: &str = "3,Hugh,Crain,M,1930-01-02,5550100000,05001\n";
    let whole = || format!("{HEADER}{TWO}{LAST}");
    let with = |last: &str| format!("{HEADER}{TWO}{last}").into_bytes();
    let utf16: Vec<u8> = whole().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: Vec<(&str, Vec<u8>, i32, Told)> = vec![
        ("plain", whole().into(), 0, &[]),
        ("bom", format!("\u{feff}{}", whole()).into(), 0, &[]),
        ("crlf", whole().replace('\n', "\r\n").into(), 0, &[]),
        ("cr", whole().replace('\n', "\r").into(), 0, &[]),
        ("blank lines", whole().replace('\n', "\n\n").into(), 0, &[]),
        ("utf-16", [b"\xFF\xFE".as_slice(), &utf16].concat(), 0, &[]),
        ("utf-16 unmarked", utf16, 0, &[]),
        (
            "semicolons",
            whole().replace(',', ";").into(),
            0,
            &[("table.separator", None)],
        ),
        (
            "tabs",
            whole().replace(',', "\t").into(),
            0,
            &[("table.separator", None)],
        ),
        (
            "sep",
            format!("sep=;\n{}", whole().replace(',', ";")).into(),
            0,
            &[("table.separator", None)],
        ),
        (
            "short",
            with("3,Hugh,Crain\n"),
            0,
            &[("table.row.short", Some(4))],
        ),
        (
            "empty beyond",
            with("3,Hugh,Crain,M,1930-01-02,5550100000,05001,,\n"),
            0,
            &[],
        ),
        (
            "long",
            with("3,Hugh,Crain,M,1930-01-02,5550100000,05001,Eleanor\n"),
            1,
            &[("table.row.long", Some(4))],
        ),
        (
            "unclosed",
            format!("{HEADER}3,\"Hugh,Crain,M,1930-01-02,5550100000,05001\n{TWO}").into(),
            1,
            &[("table.quote.unclosed", Some(2))],
        ),
        (
            "unclosed between quoted",
            format!(
                "{HEADER}3,\"Hugh,Crain,M,1930-01-02,5550100000,05001\n{}",
                TWO.replace("Eleanor", "\"Eleanor\"")
            )
            .into(),
            1,
            &[("table.quote.unclosed", Some(2))],
        ),
        (
            "text behind a quote",
            with("3,\"Hugh\" C,Crain,M,1930-01-02,5550100000,05001\n"),
            0,
            &[("table.quote.text", Some(4))],
        ),
        (
            "several lines",
            with("3,\"Hugh\nC\",Crain,M,1930-01-02,5550100000,05001\n"),
            0,
            &[("table.row.lines", Some(4))],
        ),
        (
            "latin 1",
            [
                with("").as_slice(),
                b"3,Hugh,Cr\xE4in,M,1930-01-02,5550100000,05001\n",
            ]
            .concat(),
            0,
            &[("table.encoding", Some(4))],
        ),
        (
            "date",
            with("3,Hugh,Crain,M,2 Jan 1930,5550100000,05001\n"),
            0,
            &[("table.date", Some(4))],
        ),
        (
            "no such day",
            with("3,Hugh,Crain,M,1930-02-30,5550100000,05001\n"),
            0,
            &[("table.date", Some(4))],
        ),
        (
            "sex",
            with("3,Hugh,Crain,1,1930-01-02,5550100000,05001\n"),
            0,
            &[("table.code", Some(4))],
        ),
        (
            "unknown",
            with("3,Hugh,Crain,U,unknown,5550100000,05001\n"),
            0,
            &[],
        ),
        (
            "one id twice",
            with("1,Hugh,Crain,M,1930-01-02,5550100000,05001\n"),
            0,
            &[("table.id-twice", Some(4))],
        ),
        (
            "two id columns",
            whole().replacen("zip", "id", 1).into(),
            0,
            &[("table.column-twice", None)],
        ),
    ];
    for (name, table, status, expected) in cases {
        let (code, said, rows) = matched(name, &table, &[]);
        let found: Vec<(&str, Option<u64>)> = said["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (finding["code"].as_str().unwrap(), finding["line"].as_u64()))
            .collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(
            (code, &said["in_part"]),
            (Some(status), &(status == 1).into()),
            "{name}"
        );
        let persons: Vec<(&str, &str)> = rows.iter().map(|row| row.split_once(',').unwrap()).collect();
        assert_eq!(persons.len(), 3, "{name}: {rows:?}");
        let of = |at: usize| persons[at].1;
        let alone = usize::from(!name.starts_with("unclosed")) * 2;
        assert_eq!(
            persons[alone].0,
            if name == "one id twice" { "1" } else { "3" },
            "{name}"
        );
        let (a, b) = if alone == 2 { (0, 1) } else { (1, 2) };
        assert_eq!(of(a), of(b), "{name}: {rows:?}");
        assert_ne!(of(a), of(alone), "{name}: {rows:?}");
    }
}

#[test]
fn a_mapped_column_counts_before_one_known_by_its_name() {
    let table = b"id,key,first,last\n1,a,Ann,Lee\n2,b,Bo,Ray\n";
    let (_, said, rows) = matched("mapped", table, &["--map", "key=id"]);
    assert_eq!(said["findings"][0]["path"], "id");
    assert!(rows[0].starts_with("a,") && rows[1].starts_with("b,"), "{rows:?}");
}

#[test]
fn what_is_no_table_is_refused_with_the_reason() {
    let folder = scratch("match-no-table");
    let out = folder.join("out.csv");
    let cases: &[(&str, &[u8], i32, &str)] = &[
        ("empty.csv", b"", 1, "nothing to read"),
        ("people.xlsx", b"PK\x03\x04\0\0", 1, "save it as CSV"),
        ("binary", b"\x7fELF\x01\0\0\0", 1, "binary"),
        ("headless.csv", b"1,Eleanor,Vance\n", 2, "name the columns"),
    ];
    for (name, content, status, told) in cases {
        let table = folder.join(name);
        fs::write(&table, content).unwrap();
        let output = ehr(&["match", text(&table), "--out", text(&out)]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(*status), "{name}: {error}");
        assert!(
            error.contains(told) && !error.contains("Vance"),
            "{name}: {error}"
        );
    }
    for missing in [folder.join("none.csv"), folder.clone()] {
        let output = ehr(&["match", text(&missing), "--out", text(&out)]);
        assert_eq!(output.status.code(), Some(2));
    }
    assert!(!out.exists());
}
