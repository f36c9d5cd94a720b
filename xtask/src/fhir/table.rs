//! The texts that members of all types share, in tables, and the rows of the members that refer to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What stands before and after a name, so that a name with it is the key of a JSON member.
const BEFORE: &str = ",\"";
const AFTER: &str = "\":";
/// What stands between the keys: the quote that opens a text as their value.
const BETWEEN: &str = "\"";
/// How much of the table a writer copies for a key, whatever its length.
const KEY: usize = 32;

/// Names and rarer facts, each once, by where they are in their table.
pub(crate) struct Tables {
    names: String,
    places: BTreeMap<String, (usize, usize)>,
    more: Vec<String>,
    /// Resource types that references are restricted to.
    targets: Vec<String>,
}

impl Tables {
    pub(crate) fn new() -> Self {
        Self {
            names: String::new(),
            places: BTreeMap::new(),
            more: vec!["More { choice: None, targets: &[], binding: None }".to_owned()],
            targets: Vec::new(),
        }
    }

    /// Where the key of a name starts, and the length of the name.
    fn name(&mut self, name: &str) -> (usize, usize) {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = (self.names.len(), name.len());
        self.names.push_str(BEFORE);
        self.names.push_str(name);
        self.names.push_str(AFTER);
        self.names.push_str(BETWEEN);
        self.places.insert(name.to_owned(), place);
        place
    }

    /// The number of what only some members have.
    pub(crate) fn more(
        &mut self,
        choice: Option<&str>,
        targets: &[String],
        binding: Option<String>,
    ) -> usize {
        let choice = choice.map_or_else(
            || "None".to_owned(),
            |choice| {
                let (start, length) = self.name(choice);
                format!("Some(Name({start}, {length}))")
            },
        );
        let numbers: Vec<usize> = targets
            .iter()
            .map(|target| place(&mut self.targets, target))
            .collect();
        let binding = binding.map_or_else(|| "None".to_owned(), |set| format!("Some(&{set})"));
        let text = format!("More {{ choice: {choice}, targets: &{numbers:?}, binding: {binding} }}");
        place(&mut self.more, &text)
    }

    /// The row of a member.
    pub(crate) fn field(&mut self, name: &str, slot: usize, kind: &str, flags: &str, more: usize) -> String {
        let (start, length) = self.name(name);
        format!("Field::new({start}, {length}, {slot}, {kind}, {flags}, {more}), // {name}\n")
    }

    /// The tables themselves.
    pub(crate) fn text(mut self) -> Result<String, String> {
        let mut out = String::from("\nuse super::code::*;\nuse crate::element::{More, Name};\n");
        for name in ["id", "extension", "modifierExtension"] {
            let (start, length) = self.name(name);
            let constant = super::emit::snake(name).to_uppercase();
            let _ = writeln!(
                out,
                "/// `{name}`\npub(crate) const {constant}: (u16, u8) = ({start}, {length});"
            );
        }
        let _ = writeln!(
            out,
            "/// What stands before each name in [`NAMES`].\npub(crate) const BEFORE_NAME: usize = {};\n/// What stands after it.\npub(crate) const AFTER_NAME: usize = {};\n/// Every key has so many bytes from where it starts.\npub(crate) const KEY: usize = {KEY};",
            BEFORE.len(),
            AFTER.len()
        );
        let _ = writeln!(
            out,
            "/// The names of all members and choices, each as the key of a member of JSON whose value is a text.\npub(crate) static NAMES: &str = {:?};",
            self.names.clone() + &" ".repeat(KEY)
        );
        let _ = writeln!(
            out,
            "/// What only some members have; the first is for those that have nothing of it.\npub(crate) static MORE: &[More] = &[{}];",
            self.more.join(",\n")
        );
        let _ = writeln!(
            out,
            "/// Resource types that references are restricted to.\npub(crate) static TARGETS: &[&str] = &{:?};",
            self.targets
        );
        let too_large = self.names.len() > usize::from(u16::MAX)
            || self.more.len() > usize::from(u16::MAX)
            || self.targets.len() > 256;
        if too_large {
            return Err("a table has more places than its numbers can tell".to_owned());
        }
        Ok(out)
    }
}

/// Where a text is in a table, which gets it if it is not there.
fn place(table: &mut Vec<String>, text: &str) -> usize {
    table.iter().position(|known| known == text).unwrap_or_else(|| {
        table.push(text.to_owned());
        table.len() - 1
    })
}
