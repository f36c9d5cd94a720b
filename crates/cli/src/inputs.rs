//! Finding and reading the input files.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ehr::types::{Finding, SourceLocation};

use crate::keys::{keys, prefixes, real, slashed};
use crate::output::Error;

/// Larger files are refused: they are read whole. The readers of the formats have limits of their own below this, each told by a
/// finding.
pub(crate) const LARGEST: u64 = 2 << 30;

/// One input file.
pub(crate) struct Input {
    /// The path as given, or under the folder as given, as [`slashed`] has it; `-` for standard input.
    pub(crate) name: String,
    /// Where its results go, relative to the output folder.
    pub(crate) relative: PathBuf,
    /// What the ids of its entries derive from, as [`keys`] has it.
    pub(crate) key: String,
    /// The path below the input that it was found in, or below the folder that holds several inputs.
    pub(crate) below: String,
    /// The path from the root of the file system, so that one file has one.
    pub(crate) real: PathBuf,
    path: PathBuf,
    /// Why it cannot be read, where that is known before.
    fault: Option<String>,
}

impl Input {
    /// The path of its folder; empty where none is named.
    pub(crate) fn folder(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its name in the folder.
    pub(crate) fn file_name(&self) -> &str {
        self.name.rsplit_once('/').map_or(&self.name, |(_, name)| name)
    }

    /// The bytes, or why they cannot be had.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Finding> {
        let refuse =
            |code: &'static str, message: String| Finding::fatal(code, SourceLocation::default(), message);
        let unreadable = |error: io::Error| refuse("input.unreadable", error.to_string());
        if let Some(fault) = &self.fault {
            return Err(refuse("input.unreadable", fault.clone()));
        }
        let huge = || {
            let message = format!("files over {} GiB are not read; split it", LARGEST >> 30);
            refuse("input.huge", message)
        };
        if self.path.metadata().is_ok_and(|known| known.len() > LARGEST) {
            return Err(huge());
        }
        let mut bytes = Vec::new();
        open(&self.path)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        // Standard input has no length, and a file may grow.
        if bytes.len() as u64 > LARGEST {
            return Err(huge());
        }
        Ok(bytes)
    }
}

/// Whether the path is `-`: standard input where something is read, standard output where something is written.
pub(crate) fn is_standard_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A file, or standard input for `-`.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    Ok(if is_standard_stream(path) {
        Box::new(io::stdin())
    } else {
        Box::new(fs::File::open(path)?)
    })
}

/// The bytes of a file that an option names.
pub(crate) fn read_option(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// The files of the inputs, in the order of their names whatever the order in which they were given. Results of an earlier
/// run, in the folder `out`, are no input. It is an error when there is none, when `out` is no folder or itself given as an
/// input, and when it lies in one and holds anything else than results: nobody could tell results from inputs there.
pub(crate) fn collect(inputs: &[PathBuf], out: Option<&Path>) -> Result<Vec<Input>, Error> {
    if let Some(out) = out.filter(|out| out.exists() && !out.is_dir()) {
        return Err(Error::Usage(format!("{}: not a folder", out.display())));
    }
    let mut found = Found {
        files: Vec::new(),
        prefix: PathBuf::new(),
        results: out.and_then(|out| out.canonicalize().ok()),
        among_results: None,
    };
    for (input, prefix) in inputs.iter().zip(prefixes(inputs)) {
        if is_standard_stream(input) {
            found.add(input, PathBuf::from("stdin"), None);
            continue;
        }
        found.prefix = prefix;
        if !input.exists() {
            return Err(Error::Usage(format!(
                "{}: no such file or folder",
                input.display()
            )));
        }
        if found.results.is_some() && input.canonicalize().ok() == found.results {
            return Err(Error::Usage(format!(
                "{}: an input cannot be the folder for the results",
                input.display()
            )));
        }
        if input.is_dir() {
            found.walk(input, Path::new(""), &mut Vec::new());
        } else {
            let relative = input.file_name().map(PathBuf::from).unwrap_or_default();
            found.add(input, relative, None);
        }
    }
    if let (Some(out), Some(other)) = (out, &found.among_results) {
        return Err(Error::Usage(format!(
            "{}: the folder for the results lies in an input and holds files that are no results, as {}; name another",
            out.display(),
            other.display()
        )));
    }
    if found.files.is_empty() {
        let given: Vec<String> = inputs.iter().map(|input| input.display().to_string()).collect();
        return Err(Error::Usage(format!("no input files in {}", given.join(", "))));
    }
    // One file by two names, or in two inputs, is read once.
    let mut files = found.files;
    files.sort_by_cached_key(|file| (Reverse(file.below.len()), file.name.clone()));
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.real.clone()));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let places: Vec<(&str, &Path)> = files.iter().map(|file| (&*file.below, &*file.real)).collect();
    let keys = keys(&places);
    for (file, key) in files.iter_mut().zip(keys) {
        file.key = key;
    }
    number(&mut files);
    Ok(files)
}

/// Gives each file a place of its own for its results. Two inputs may hold a file of the same relative path: the first keeps it,
/// the others go into numbered folders.
fn number(files: &mut [Input]) {
    let mut taken = BTreeSet::new();
    let later: Vec<&mut Input> = files
        .iter_mut()
        .filter_map(|file| (!taken.insert(file.relative.clone())).then_some(file))
        .collect();
    let mut next: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for file in later {
        let count = next.entry(file.relative.clone()).or_insert(2);
        loop {
            let place = Path::new(&format!("input-{count}")).join(&file.relative);
            *count += 1;
            if taken.insert(place.clone()) {
                file.relative = place;
                break;
            }
        }
    }
}

/// The files found so far.
struct Found {
    files: Vec<Input>,
    /// What goes before the paths below the input that is looked through, as [`prefixes`] has it.
    prefix: PathBuf,
    results: Option<PathBuf>,
    /// A file in the folder of the results that no earlier run wrote.
    among_results: Option<PathBuf>,
}

/// The first file below the folder `out` that is no result of an earlier run.
fn no_result(out: &Path, folder: &Path) -> Option<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    entries.into_iter().find_map(|path| {
        let real = path.symlink_metadata().ok()?;
        if real.is_dir() {
            return no_result(out, &path);
        }
        let name = path.file_name()?.to_string_lossy();
        let converted = name
            .strip_suffix(".fhir.json")
            .or_else(|| name.strip_suffix(".findings.json"));
        let is_result = match converted {
            // Each file that was converted has findings.
            Some(input) => path.with_file_name(format!("{input}.findings.json")).exists(),
            None if folder == out => matches!(&*name, "merge.json" | "report.md"),
            None => folder == out.join("ehr") && out.join("merge.json").exists() && is_person(&name),
        };
        (!is_result && !name.starts_with('.')).then_some(path)
    })
}

/// Whether a file of this name may be a person's record: `p-` or `u-` and a hash.
fn is_person(name: &str) -> bool {
    let id = name.strip_suffix(".json").unwrap_or_default();
    let hash = id
        .strip_prefix("p-")
        .or_else(|| id.strip_prefix("u-"))
        .unwrap_or_default();
    !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Found {
    fn add(&mut self, path: &Path, relative: PathBuf, fault: Option<String>) {
        let real = if is_standard_stream(path) {
            path.to_path_buf()
        } else {
            real(path)
        };
        self.files.push(Input {
            name: slashed(path),
            below: slashed(&self.prefix.join(&relative)),
            relative,
            key: String::new(),
            real,
            path: path.to_path_buf(),
            fault,
        });
    }

    /// Takes in the files under a folder. `above` are the folders that lead there: a link back to one of them would never end.
    fn walk(&mut self, root: &Path, below: &Path, above: &mut Vec<PathBuf>) {
        let folder = root.join(below);
        let fault = |error: io::Error| Some(error.to_string());
        let real = match folder.canonicalize() {
            Ok(real) => real,
            Err(error) => return self.add(&folder, below.to_path_buf(), fault(error)),
        };
        if self.results.as_ref() == Some(&real) {
            self.among_results = no_result(&folder, &folder);
            return;
        }
        if above.contains(&real) {
            return;
        }
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => return self.add(&folder, below.to_path_buf(), fault(error)),
        };
        above.push(real);
        for entry in entries {
            let name = match entry {
                Ok(entry) => entry.file_name(),
                Err(error) => {
                    self.add(&folder, below.to_path_buf(), fault(error));
                    continue;
                }
            };
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let relative = below.join(&name);
            let path = root.join(&relative);
            if path.is_dir() {
                self.walk(root, &relative, above);
            } else {
                // A pipe or a device may never end.
                let fault = match path.metadata() {
                    Ok(known) if known.is_file() => None,
                    Ok(_) => Some("not a regular file".to_owned()),
                    Err(error) => fault(error),
                };
                self.add(&path, relative, fault);
            }
        }
        above.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_inputs_share_a_place_for_results() {
        let file = |name: &str, relative: &str| Input {
            name: name.to_owned(),
            relative: PathBuf::from(relative),
            key: String::new(),
            below: relative.to_owned(),
            real: PathBuf::from(name),
            path: PathBuf::from(name),
            fault: None,
        };
        let mut files = [
            file("a/input-2/x", "input-2/x"),
            file("a/x", "x"),
            file("b/input-2/x", "input-2/x"),
            file("b/x", "x"),
            file("c/x", "x"),
        ];
        number(&mut files);
        let places: Vec<String> = files.iter().map(|file| slashed(&file.relative)).collect();
        let expected = ["input-2/x", "x", "input-2/input-2/x", "input-3/x", "input-4/x"];
        assert_eq!(places, expected);
    }
}
