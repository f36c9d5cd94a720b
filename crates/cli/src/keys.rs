//! What the ids of a source derive from: where it lies below the inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::inputs::is_standard_stream;

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

/// What goes before the paths below each input: the name of an input that lies in one folder with another. So several inputs in one
/// folder, as a shell makes of `exports/*`, are known as if the folder had been given.
pub(crate) fn prefixes(inputs: &[PathBuf]) -> Vec<PathBuf> {
    let place = |input: &PathBuf| match input.file_name() {
        Some(_) if is_standard_stream(input) => PathBuf::new(),
        Some(_) => real(input),
        None => input.canonicalize().unwrap_or_default(),
    };
    let places: Vec<PathBuf> = inputs.iter().map(place).collect();
    let mut folders: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
    for place in &places {
        if let Some(folder) = place.parent() {
            folders.entry(folder).or_default().insert(place);
        }
    }
    let has_siblings = |place: &Path| {
        place
            .parent()
            .and_then(|folder| folders.get(folder))
            .is_some_and(|inside| inside.len() > 1)
    };
    places
        .iter()
        .map(|place| match place.file_name() {
            Some(name) if place.is_dir() && has_siblings(place) => name.into(),
            _ => PathBuf::new(),
        })
        .collect()
}

/// The path of a file from the root. A link is a file of its own.
pub(crate) fn real(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_path_buf(),
    }
}

/// A path with `/` between names on every platform; `./a` is `a`, so that a source has one name. What is not Unicode is written
/// byte by byte, so that no two files have one name.
pub(crate) fn slashed(path: &Path) -> String {
    let mut text = String::new();
    for part in path.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => {
                text.push('/');
                continue;
            }
            _ if text.is_empty() || text.ends_with('/') => {}
            _ => text.push('/'),
        }
        for chunk in part.as_os_str().as_encoded_bytes().utf8_chunks() {
            text += chunk.valid();
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_name_has_slashes_and_is_one_of_its_own() {
        for (path, expected) in [
            ("./a//b/./c", "a/b/c"),
            ("/a", "/a"),
            ("/", "/"),
            ("../a", "../a"),
            (".", ""),
        ] {
            assert_eq!(slashed(Path::new(path)), expected, "{path}");
        }
        #[cfg(unix)]
        {
            use std::ffi::OsStr;
            use std::os::unix::ffi::OsStrExt as _;
            let name = |bytes: &[u8]| slashed(Path::new(OsStr::from_bytes(bytes)));
            assert_eq!(name(b"a\xFF.hl7"), "a\\xFF.hl7");
            assert_ne!(name(b"a\xFF.hl7"), name(b"a\xFE.hl7"));
        }
    }
}
