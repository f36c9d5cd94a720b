//! Sources of several files: the NDJSON files of a FHIR bulk data export refer to one another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ehr::InputFormat;
use ehr::fhir::ReferenceTarget;
use ehr::model::{Chart, digest};
use ehr::types::{LineIndex, SourceLocation, Span};
use serde_json::Value;

use crate::inputs::{Input, LARGEST};
use crate::keys::keys;
use crate::reading::{self, Reading};

/// The files that are one source's export.
pub(crate) struct Export<'i> {
    /// The path of the file, or of the folder in which the files lie.
    pub(crate) name: String,
    /// What the ids of its entries derive from.
    pub(crate) key: String,
    files: Vec<&'i Input>,
    /// What the resources of several files are called.
    resources: BTreeSet<String>,
}

impl<'i> Export<'i> {
    fn new(name: String, files: Vec<&'i Input>, resources: BTreeSet<String>) -> Self {
        Self {
            name,
            key: String::new(),
            files,
            resources,
        }
    }

    /// Its files.
    pub(crate) fn files(&self) -> &[&'i Input] {
        &self.files
    }

    /// Whether one of its files has the resource that a reference names.
    pub(crate) fn has(&self, reference: &str) -> bool {
        resource_name(reference).is_some_and(|name| self.resources.contains(&name))
    }

    /// Its path below the input that it was found in, and that from the root: of several files, those of their folder.
    fn place(&self) -> (String, PathBuf) {
        let Some(first) = self.files.first() else {
            return Default::default();
        };
        if self.files.len() == 1 {
            return (first.below.clone(), first.real.clone());
        }
        let folder = first.below.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let real = first.real.parent().unwrap_or(Path::new("/"));
        match self.name.rsplit_once('/') {
            // One of several exports in the folder.
            Some((_, files)) if files.contains('+') => (format!("{folder}/{files}"), real.join(files)),
            _ => (folder.to_owned(), real.to_path_buf()),
        }
    }

    /// Reads all files as one source.
    pub(crate) fn read(&self) -> Reading {
        match self.files.as_slice() {
            [only] => reading::read(only, &self.key, |_| false),
            files => read_together(&self.key, files),
        }
    }
}

/// The inputs by source, in the order of their names. Each file is a source of its own, save NDJSON files of one folder of
/// which one refers to resources in another; unless they have different resources of one name, so that they are of
/// different servers and no reference between them can be trusted.
pub(crate) fn exports(inputs: &[Input]) -> Vec<Export<'_>> {
    let mut folders: BTreeMap<&str, Vec<&Input>> = BTreeMap::new();
    let mut exports = Vec::new();
    for input in inputs {
        if input.name.to_ascii_lowercase().ends_with(".ndjson") {
            folders.entry(input.folder()).or_default().push(input);
        } else {
            exports.push(vec![input]);
        }
    }
    let mut exports: Vec<Export<'_>> = exports.into_iter().map(alone).collect();
    for (folder, files) in folders {
        let groups = together(files);
        let is_only = groups.iter().filter(|group| group.files.len() > 1).count() == 1;
        for Group { files, resources } in groups {
            let folder = if folder.is_empty() { "." } else { folder };
            exports.push(match files.len() {
                1 => alone(files),
                _ if is_only => Export::new(folder.to_owned(), files, resources),
                _ => {
                    let names: Vec<&str> = files.iter().map(|file| file.file_name()).collect();
                    Export::new(format!("{folder}/{}", names.join("+")), files, resources)
                }
            });
        }
    }
    exports.sort_by(|a, b| a.name.cmp(&b.name));
    let places: Vec<(String, PathBuf)> = exports.iter().map(Export::place).collect();
    let places: Vec<(&str, &Path)> = places.iter().map(|(below, real)| (&**below, &**real)).collect();
    for (export, key) in exports.iter_mut().zip(keys(&places)) {
        export.key = key;
    }
    exports
}

fn alone(files: Vec<&Input>) -> Export<'_> {
    Export::new(
        files.first().map(|file| file.name.clone()).unwrap_or_default(),
        files,
        BTreeSet::new(),
    )
}

/// Files that refer to one another, and what their resources are called.
struct Group<'i> {
    files: Vec<&'i Input>,
    resources: BTreeSet<String>,
}

impl<'i> Group<'i> {
    fn of(files: Vec<&'i Input>) -> Self {
        Self {
            files,
            resources: BTreeSet::new(),
        }
    }
}

/// The files of a folder in groups.
fn together(files: Vec<&Input>) -> Vec<Group<'_>> {
    if files.len() < 2 {
        return vec![Group::of(files)];
    }
    let contents: Vec<Contents> = files.iter().map(|file| Contents::of(file)).collect();
    let mut holders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, content) in contents.iter().enumerate() {
        for name in content.resources.keys() {
            holders.entry(name).or_default().push(at);
        }
    }
    let mut group_of: Vec<usize> = (0..files.len()).collect();
    for (at, content) in contents.iter().enumerate() {
        let elsewhere = content
            .references
            .iter()
            .filter(|name| !content.resources.contains_key(*name));
        for holder in elsewhere.filter_map(|name| holders.get(name.as_str())).flatten() {
            let (from, to) = (group_of.get(*holder).copied(), group_of.get(at).copied());
            if let (Some(from), Some(to)) = (from, to)
                && from != to
            {
                let joined = group_of.iter_mut().filter(|group| **group == from);
                joined.for_each(|group| *group = to);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<(&Input, &Contents)>> = BTreeMap::new();
    for ((file, content), group) in files.into_iter().zip(&contents).zip(group_of) {
        groups.entry(group).or_default().push((file, content));
    }
    let mut out = Vec::new();
    for group in groups.into_values() {
        let files = group.iter().map(|(file, _)| *file);
        if is_one_server(&group) {
            let resources = group.iter().flat_map(|(_, content)| content.resources.keys());
            out.push(Group {
                files: files.collect(),
                resources: resources.cloned().collect(),
            });
        } else {
            out.extend(files.map(|file| Group::of(vec![file])));
        }
    }
    out
}

/// Whether no two files have different resources of one name, and all can be held at once.
fn is_one_server(group: &[(&Input, &Contents)]) -> bool {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut resources = group.iter().flat_map(|(_, content)| &content.resources);
    let size: u64 = group.iter().map(|(_, content)| content.size).sum();
    size <= LARGEST && resources.all(|(name, digest)| *known.entry(name).or_insert(digest) == digest)
}

/// What the resources of a file are called, and what they refer to: `Type/id`.
#[derive(Default)]
struct Contents {
    /// With the digest of each.
    resources: BTreeMap<String, String>,
    references: BTreeSet<String>,
    size: u64,
}

impl Contents {
    /// Nothing for a file that is not NDJSON from its first line on.
    fn of(file: &Input) -> Self {
        let mut out = Self::default();
        let Ok(bytes) = file.read() else { return out };
        out.size = bytes.len() as u64;
        let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
        let lines = lines.map(|line| line.strip_prefix(BOM).unwrap_or(line).trim_ascii());
        for (number, line) in lines.filter(|line| !line.is_empty()).enumerate() {
            let Ok(resource) = serde_json::from_slice::<Value>(line) else {
                if number == 0 {
                    return Self::default();
                }
                continue;
            };
            if let (Some(class), Some(id)) = (resource["resourceType"].as_str(), resource["id"].as_str()) {
                out.resources.insert(format!("{class}/{id}"), digest(&[line]));
            }
            out.follow(&resource);
        }
        out
    }

    fn follow(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                let literal = members.get("reference").and_then(Value::as_str);
                self.references.extend(literal.and_then(resource_name));
                members.values().for_each(|member| self.follow(member));
            }
            Value::Array(items) => items.iter().for_each(|item| self.follow(item)),
            _ => {}
        }
    }
}

/// `Type/id` of a literal reference.
fn resource_name(reference: &str) -> Option<String> {
    match ReferenceTarget::parse(reference) {
        ReferenceTarget::Literal {
            resource_type, id, ..
        } => Some(format!("{resource_type}/{id}")),
        _ => None,
    }
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One file in the text of all.
struct Part<'i> {
    start: usize,
    name: &'i str,
    digest: String,
}

fn read_together(name: &str, files: &[&Input]) -> Reading {
    let mut whole = Vec::new();
    let mut parts = Vec::new();
    let mut unread = Vec::new();
    for file in files {
        match file.read() {
            Ok(bytes) => {
                parts.push(Part {
                    start: whole.len(),
                    name: file.file_name(),
                    digest: digest(&[&bytes]),
                });
                // A mark may stand at the start of a text only; blanks keep every place what it is.
                let bare = bytes.strip_prefix(BOM).unwrap_or(&bytes);
                whole.extend(std::iter::repeat_n(b' ', bytes.len() - bare.len()));
                whole.extend_from_slice(bare);
                whole.push(b'\n');
            }
            Err(mut finding) => {
                file.file_name().clone_into(&mut finding.location.path);
                unread.push(finding);
            }
        }
    }
    let mut reading = Reading::of(InputFormat::FhirNdjson, &whole, name, |_| false);
    let lines = LineIndex::new(&whole);
    let places = Places { parts, lines };
    for finding in &mut reading.findings {
        places.put(&mut finding.location);
    }
    for chart in reading.import.iter_mut().flat_map(|import| &mut import.charts) {
        places.put_chart(chart);
    }
    reading.findings.splice(0..0, unread);
    reading
}

/// Finds places again in the files that were read as one text.
struct Places<'i> {
    parts: Vec<Part<'i>>,
    lines: LineIndex,
}

impl Places<'_> {
    fn part(&self, span: Option<Span>) -> Option<&Part<'_>> {
        let start = span?.start;
        let after = self.parts.partition_point(|part| part.start <= start);
        self.parts.get(after.checked_sub(1)?)
    }

    /// The same place in its own file; the path begins with the file's name.
    fn put(&self, place: &mut SourceLocation) {
        let Some(part) = self.part(place.span) else { return };
        let before = self.lines.line_column(part.start).0 - 1;
        place.line = place.line.map(|line| line.saturating_sub(before));
        place.span = place
            .span
            .map(|span| Span::new(span.start - part.start, span.end.saturating_sub(part.start)));
        place.path = within(part, &place.path);
    }

    fn put_chart(&self, chart: &mut Chart) {
        for entry in &mut chart.entries {
            if let Some(part) = self.part(entry.origin.location.span) {
                entry.origin.artifact = Some(part.digest.clone());
                for residual in &mut entry.residual {
                    if residual.location.span.is_none() {
                        residual.location.path = within(part, &residual.location.path);
                    }
                }
            }
            for residual in &mut entry.residual {
                self.put(&mut residual.location);
            }
            self.put(&mut entry.origin.location);
        }
        for residual in &mut chart.residual {
            self.put(&mut residual.location);
        }
    }
}

fn within(part: &Part<'_>, path: &str) -> String {
    format!("{}#{path}", part.name)
}
