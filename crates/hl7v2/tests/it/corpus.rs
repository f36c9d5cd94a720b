//! Every file of the corpus: segments, identity, findings, edits.

use std::path::PathBuf;

use ehr_hl7v2::{Message, PartKind, PartReader, StreamPart, check_batch, parts};

/// The files of the corpus, sorted; `None`, saying so, when it is not there.
pub(crate) fn files() -> Option<Vec<(String, Vec<u8>)>> {
    let root = std::env::var_os("EHR_CORPUS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
        PathBuf::from,
    );
    let Ok(folder) = std::fs::read_dir(root.join("hl7v2")) else {
        println!("the corpus is absent: nothing ran");
        return None;
    };
    let mut files: Vec<_> = folder
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hl7"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    Some(files)
}

/// Lines that hold anything but blanks and frame bytes.
fn lines(bytes: &[u8]) -> usize {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0x1c | 0xef | 0xbb | 0xbf);
    bytes
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|line| !line.iter().all(blank))
        .count()
}

#[test]
fn every_file_is_read_whole_and_written_as_it_was() {
    let Some(files) = files() else { return };
    let (mut messages, mut segments, mut fields) = (0, 0, 0);
    for (name, bytes) in &files {
        let whole = Message::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(whole.as_bytes(), bytes, "{name}");
        assert_eq!(
            whole.edit().finish(),
            *bytes,
            "{name}: an edit without changes changes nothing"
        );
        assert_eq!(whole.segment_count(), lines(bytes), "{name}: one segment a line");
        let together: Vec<u8> = parts(bytes).flat_map(|part| part.bytes.to_vec()).collect();
        assert_eq!(together, *bytes, "{name}: the parts are the source");
        for part in parts(bytes).filter(|part| part.kind == PartKind::Message) {
            let message = part
                .parse(&Default::default())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            messages += 1;
            assert_eq!(message.segment_count(), lines(part.bytes), "{name}");
            for segment in message.segments() {
                segments += 1;
                assert_eq!(
                    segment.fields().count() as u32,
                    segment.field_count(),
                    "{name} {segment:?}"
                );
                fields += segment.field_count();
            }
        }
    }
    println!(
        "{} files, {messages} messages, {segments} segments, {fields} fields",
        files.len()
    );
}

#[test]
fn findings_of_every_file_are_located() {
    let Some(files) = files() else { return };
    let mut counts = std::collections::BTreeMap::new();
    for (name, bytes) in &files {
        let message = Message::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        for finding in message.findings().into_iter().chain(check_batch(bytes)) {
            assert!(finding.code.starts_with("v2."), "{name}: {finding}");
            if let Some(span) = finding.location.span {
                assert!(span.end <= bytes.len(), "{name}: {finding}");
                assert!(finding.location.line.is_some(), "{name}: {finding}");
            }
            *counts.entry(finding.code.into_owned()).or_insert(0) += 1;
        }
    }
    println!("{} files: {counts:#?}", files.len());
}

#[test]
fn streaming_gives_the_same_parts() {
    let Some(files) = files() else { return };
    let everything: Vec<u8> = files
        .iter()
        .flat_map(|(_, bytes)| [bytes.as_slice(), b"\r"].concat())
        .collect();
    let expected: Vec<_> = parts(&everything).map(|part| (part.kind, part.span)).collect();
    let mut reader = PartReader::new(std::io::BufReader::with_capacity(777, &everything[..]));
    let mut found = Vec::new();
    while let Some(part) = reader.next_part().unwrap() {
        let StreamPart::Part(part) = part else {
            panic!("no part is too long")
        };
        assert_eq!(part.bytes, &everything[part.span.start..part.span.end]);
        found.push((part.kind, part.span));
    }
    assert_eq!(found, expected);
    println!("{} parts of {} bytes", found.len(), everything.len());
}

#[test]
fn one_edit_leaves_every_other_byte() {
    let Some(files) = files() else { return };
    let mut edits = 0;
    for (name, bytes) in &files {
        let Ok(message) = Message::parse(bytes) else {
            continue;
        };
        for (position, segment) in message.segments().enumerate() {
            // A place that is there: its bytes alone are exchanged.
            let fields = segment
                .fields()
                .filter(|field| !(segment.id().is_header() && field.number() <= 2));
            let Some(field) = fields.last() else { continue };
            let path = format!("*[{}]-{}", position + 1, field.number());
            let mut edit = message.edit();
            edit.set(&path, "X")
                .unwrap_or_else(|error| panic!("{name} {path}: {error}"));
            let span = field.span();
            let expected = [&bytes[..span.start], b"X", &bytes[span.end..]].concat();
            assert!(edit.finish() == expected, "{name}: {path} changed other bytes");
            // A place beyond: something is put in, nothing else is changed.
            let path = format!("*[{}]-{}[2].2", position + 1, field.number() + 3);
            let mut edit = message.edit();
            match edit.set(&path, "X") {
                Ok(()) => {
                    let end = segment.span().end;
                    let result = edit.finish();
                    let added = result.len() - bytes.len();
                    assert!(
                        result[..end] == bytes[..end] && result[end + added..] == bytes[end..],
                        "{name}: {path}"
                    );
                }
                Err(error) => assert_eq!(error, ehr_hl7v2::EditError::NoDelimiter, "{name} {path}"),
            }
            edits += 2;
        }
    }
    println!("{edits} edits in {} files", files.len());
}
