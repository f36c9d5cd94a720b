//! Narrative: the XHTML that FHIR allows ([narrative](https://hl7.org/fhir/R4/narrative.html)).

use crate::element::Str;
use crate::r4::{Narrative, NarrativeStatus};

const NAMESPACE: &str = "xmlns=\"http://www.w3.org/1999/xhtml\"";

/// Elements that rule txt-1 allows.
const ALLOWED: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "ul",
    "var",
];

/// The narrative from its XHTML where that is legal, else from its text; `None` when neither says anything.
pub(super) fn of(xhtml: Option<&str>, text: Option<&str>) -> Option<Box<Narrative>> {
    let div = xhtml.and_then(legal_div).or_else(|| text.and_then(div_of_text))?;
    Some(Box::new(Narrative {
        status: Some(NarrativeStatus::Additional),
        div: Some(Str::new(div)),
        ..Narrative::default()
    }))
}

fn div_of_text(text: &str) -> Option<String> {
    let text = super::text::string(text)?;
    let mut out = format!("<div {NAMESPACE}><p>");
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push_str("<br/>"),
            '\r' => {}
            letter => out.push(letter),
        }
    }
    out.push_str("</p></div>");
    Some(out)
}

/// The `div` with its namespace, when it is well formed, of allowed elements, and not empty (rules txt-1, txt-2).
fn legal_div(xhtml: &str) -> Option<String> {
    let xhtml = super::text::string(xhtml.trim())?;
    let rest = xhtml.strip_prefix("<div")?;
    if !rest.starts_with(['>', ' ', '\n', '\t', '\r']) || !is_well_formed(&xhtml) {
        return None;
    }
    let head = rest.split_once('>')?.0;
    if head.contains(NAMESPACE) {
        return Some(xhtml.to_string());
    }
    (!head.contains("xmlns=")).then(|| format!("<div {NAMESPACE}{rest}"))
}

fn is_well_formed(xhtml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xhtml;
    let mut said = false;
    while !rest.is_empty() {
        let (words, tail) = rest.split_once('<').unwrap_or((rest, ""));
        if !words.trim().is_empty() {
            said = true;
            if open.is_empty() || !has_legal_entities(words) {
                return false;
            }
        }
        if !rest.contains('<') {
            break;
        }
        let Some((tag, after)) = tail.split_once('>') else {
            return false;
        };
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name.trim()) {
                return false;
            }
            if open.is_empty() && !rest.trim().is_empty() {
                return false;
            }
            continue;
        }
        let closed = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let name = tag.split_whitespace().next().unwrap_or_default();
        if !ALLOWED.contains(&name) || tag.contains('<') || tag.matches('"').count() % 2 != 0 {
            return false;
        }
        said |= name == "img";
        if !closed {
            open.push(name);
        }
    }
    open.is_empty() && said
}

/// Whether every `&` starts an entity that XML has.
fn has_legal_entities(words: &str) -> bool {
    words.split('&').skip(1).all(|after| {
        after.split_once(';').is_some_and(|(name, _)| {
            matches!(name, "amp" | "lt" | "gt" | "quot" | "apos")
                || name.strip_prefix('#').is_some_and(|number| {
                    let number = number.strip_prefix('x').unwrap_or(number);
                    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit())
                })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_legal_markup_is_kept() {
        let good = "<div><p>a &amp; b<br/></p></div>";
        assert_eq!(
            legal_div(good).unwrap(),
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &amp; b<br/></p></div>"
        );
        for bad in [
            "<div><p>a</div>",
            "<div> </div>",
            "<div><script>a</script></div>",
            "<p>a</p>",
            "<div>a & b</div>",
            "<div>a</div><div>b</div>",
        ] {
            assert_eq!(legal_div(bad), None, "{bad}");
        }
        let of_text = of(Some("<p>no div</p>"), Some("a < b")).unwrap();
        assert!(of_text.div.unwrap().contains("a &lt; b"));
        assert!(of(None, Some(" ")).is_none());
    }
}
