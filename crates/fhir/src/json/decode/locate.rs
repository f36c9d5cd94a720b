//! Finding again, in the text, what a rule about a whole element is broken by.

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
