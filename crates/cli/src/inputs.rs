//! Finding and reading the input files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use ehr::types::{Finding, SourceLocation};

use crate::output::Error;

/// Larger files are refused: they are read whole. The readers of the formats have limits of their own below this, each told by a
/// finding.
pub(crate) const LARGEST: u64 = 2 << 30;

/// One input file.
pub(crate) struct Input {
    /// The path as given, or under the folder as given; `/` between names on every platform.
    pub(crate) name: String,
    /// Where its results go, relative to the output folder.
    pub(crate) relative: PathBuf,
    /// What the ids of its entries derive from, as [`keys`] has it.
    pub(crate) key: String,
    /// The path below the input that it was found in.
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
        let file = fs::File::open(&self.path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(LARGEST + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(refuse(
                "input.huge",
                format!("files over {LARGEST} bytes are not read"),
            ));
        }
        Ok(bytes)
    }
}

/// The bytes of a file that an option names.
pub(crate) fn read_option(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// The files of the inputs, in the order of their names whatever the order in which they were given. Results of an earlier
/// run, in the folder `out`, are no input. It is an error when there is none, when `out` is itself given as an input, and
/// when it lies in one and holds anything else than results: nobody could tell results from inputs there.
pub(crate) fn collect(inputs: &[PathBuf], out: Option<&Path>) -> Result<Vec<Input>, Error> {
    let mut found = Found {
        files: BTreeMap::new(),
        results: out.and_then(|out| out.canonicalize().ok()),
        among_results: None,
    };
    for input in inputs {
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
    // One file by two names is read once.
    let mut seen = BTreeSet::new();
    found.files.retain(|_, file| seen.insert(file.real.clone()));
    let mut files: Vec<Input> = found.files.into_values().collect();
    let places: Vec<(&str, &Path)> = files.iter().map(|file| (&*file.below, &*file.real)).collect();
    let keys = keys(&places);
    for (file, key) in files.iter_mut().zip(keys) {
        file.key = key;
    }
    number(&mut files);
    Ok(files)
}

/// What the ids of each source derive from: its path below the input that it was found in. So they are the same however the
/// input is spelt and wherever it lies, and stay when a source sends a later export under the same name. Where two inputs hold
/// a file of one such path, as many of the folders above as it takes tell them apart.
pub(crate) fn keys(places: &[(&str, &Path)]) -> Vec<String> {
    let mut keys: Vec<String> = places.iter().map(|(below, _)| (*below).to_owned()).collect();
    let mut depths: Vec<usize> = places
        .iter()
        .map(|(below, _)| below.split('/').filter(|name| !matches!(*name, "" | ".")).count())
        .collect();
    loop {
        let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
        for key in &keys {
            *holders.entry(key).or_default() += 1;
        }
        let shared: Vec<bool> = keys
            .iter()
            .map(|key| holders.get(key.as_str()) > Some(&1))
            .collect();
        let mut grew = false;
        for (at, (_, real)) in places.iter().enumerate() {
            let (Some(true), Some(depth), Some(key)) = (shared.get(at), depths.get_mut(at), keys.get_mut(at))
            else {
                continue;
            };
            let names: Vec<_> = real.components().collect();
            if *depth < names.len() {
                *depth += 1;
                grew = true;
                let last = names.get(names.len() - *depth..).unwrap_or_default();
                *key = slashed(&last.iter().collect::<PathBuf>());
            }
        }
        if !grew {
            return keys;
        }
    }
}

/// The path of a file from the root. A link is a file of its own.
fn real(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
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
    files: BTreeMap<String, Input>,
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
        let name = slashed(path);
        let input = Input {
            name: name.clone(),
            below: slashed(&relative),
            relative,
            key: String::new(),
            real: real(path),
            path: path.to_path_buf(),
            fault,
        };
        self.files.insert(name, input);
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

/// A path with `/` between names; `./a` is `a`, so that a source has one name.
fn slashed(path: &Path) -> String {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
        .replace("//", "/")
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
    #[test]
    fn a_key_has_no_more_folders_than_it_takes() {
        let check = |places: &[(&str, &str)], expected: &[&str]| {
            let places: Vec<(&str, &Path)> = places
                .iter()
                .map(|(below, real)| (*below, Path::new(real)))
                .collect();
            assert_eq!(keys(&places), expected);
        };
        check(&[("x", "/r/a/x"), ("d/x", "/r/a/d/x")], &["x", "d/x"]);
        check(
            &[("x", "/r/a/x"), ("x", "/r/b/x"), ("y", "/r/a/y")],
            &["a/x", "b/x", "y"],
        );
        check(&[("x", "/r/a/c/x"), ("x", "/r/b/c/x")], &["a/c/x", "b/c/x"]);
        check(
            &[("x", "/x"), ("x", "/a/x"), ("a/x", "/b/a/x")],
            &["/x", "/a/x", "b/a/x"],
        );
        check(&[(".", "/r/a"), (".", "/r/b")], &["a", "b"]);
    }
}
