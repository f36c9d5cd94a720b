//! Finding again, in the text, what a rule about a whole element is broken by.

use std::fmt::Write as _;

use ehr_types::Span;

use super::Decoder;
use crate::json::lex::{Broken, Lexer};

impl Decoder<'_> {
    /// Where the value of a member of `element` stands, by its path from there (`coding[0].code`); the innermost part of it
    /// that there is when it has no such member.
    #[cold]
    #[inline(never)]
    pub(super) fn locate(&self, element: Span, path: &str) -> Span {
        let mut found = element;
        if self.notes.len() >= self.options.max_findings {
            return found;
        }
        let mut lexer = Lexer::new(self.lexer.text);
        for step in path.split('.') {
            let (name, index) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
                Some((name, index)) => (name, index.parse().ok()),
                None => (step, None),
            };
            lexer.pos = found.start;
            match value_of(&mut lexer, name, index) {
                Ok(Some(span)) => found = span,
                _ => break,
            }
        }
        found
    }

    /// The paths of the values that start at `targets` (ascending), from the value that starts at `start` and is read already:
    /// `.entry[1].resource.subject`.
    #[cold]
    pub(super) fn paths(&self, start: usize, targets: &[usize]) -> Vec<String> {
        let mut lexer = Lexer::new(self.lexer.text);
        lexer.pos = start;
        let mut found = Vec::with_capacity(targets.len());
        // What ended the walk can only be a fault that was not there when the text was read.
        let _ = walk(&mut lexer, targets, &mut found);
        found
    }
}

/// What is open around a value: the length of its path, and the place in it, if it is an array.
type Open = (usize, Option<usize>);

/// Goes through a value, and keeps the path of each value in it that starts at one of `targets`.
fn walk(lexer: &mut Lexer<'_>, targets: &[usize], found: &mut Vec<String>) -> Result<(), Broken> {
    let mut path = String::new();
    let mut open: Vec<Open> = Vec::new();
    while found.len() < targets.len() {
        let token = lexer.next_token();
        if targets.get(found.len()) == Some(&lexer.pos) {
            found.push(path.clone());
        }
        let opens = matches!(token, b'{' | b'[');
        if opens {
            lexer.pos += 1;
            open.push((path.len(), (token == b'[').then_some(0)));
        } else {
            lexer.skip_value()?;
        }
        let mut is_first = opens;
        while let Some((length, index)) = open.last_mut() {
            path.truncate(*length);
            let next = lexer.next_token();
            if !matches!(next, b'}' | b']') {
                if !is_first {
                    lexer.take(b',', "`,`")?;
                    lexer.next_token();
                    *index = index.map(|index| index + 1);
                }
                enter(lexer, *index, &mut path)?;
                break;
            }
            is_first = false;
            lexer.pos += 1;
            open.pop();
        }
        if open.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Adds to the path what leads to the next value.
fn enter(lexer: &mut Lexer<'_>, index: Option<usize>, path: &mut String) -> Result<(), Broken> {
    if let Some(index) = index {
        let _ = write!(path, "[{index}]");
        return Ok(());
    }
    let key = lexer.string()?;
    lexer.take(b':', "`:`")?;
    path.push('.');
    path.push_str(key.value.strip_prefix('_').unwrap_or(&key.value));
    Ok(())
}

/// The value of a member of the object that starts here, or an item of it.
fn value_of(lexer: &mut Lexer<'_>, name: &str, index: Option<usize>) -> Result<Option<Span>, Broken> {
    let Some(at) = lexer.member(name)? else {
        return Ok(None);
    };
    lexer.pos = at;
    // One value may stand where an array should.
    if lexer.peek() == b'['
        && let Some(index) = index
    {
        lexer.pos += 1;
        for _ in 0..index {
            lexer.skip_value()?;
            lexer.take(b',', "`,`")?;
        }
        lexer.next_token();
    }
    let start = lexer.pos;
    lexer.skip_value()?;
    Ok(Some(Span::new(start, lexer.pos)))
}
