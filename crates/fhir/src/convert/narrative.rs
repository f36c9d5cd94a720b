//! Narrative: the XHTML that FHIR allows ([narrative](https://hl7.org/fhir/R4/narrative.html)).

use crate::element::Str;
use crate::r4::{Narrative, NarrativeStatus};

const NAMESPACE: &str = "xmlns=\"http://www.w3.org/1999/xhtml\"";

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
    let head = rest.split_once('>')?.0;
    let div = if head.contains("xmlns=") {
        xhtml.to_string()
    } else {
        format!("<div {NAMESPACE}{rest}")
    };
    is_legal(&div).then_some(div)
}

/// The words of a narrative that is none, as one: without what is run and without markup.
pub(super) fn safe(xhtml: &str) -> String {
    let none = || format!("<div {NAMESPACE}><p>(The narrative of the source cannot be shown.)</p></div>");
    div_of_text(words(xhtml).trim())
        .filter(|div| is_legal(div))
        .unwrap_or_else(none)
}

fn words(xhtml: &str) -> String {
    let mut text = String::new();
    let mut rest = xhtml;
    while let Some((before, markup)) = rest.split_once('<') {
        text.push_str(before);
        let name: String = markup
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric())
            .collect();
        let name = name.to_ascii_lowercase();
        rest = if markup.starts_with("!--") {
            markup.split_once("-->").map_or("", |(_, after)| after)
        } else if matches!(name.as_str(), "script" | "style") && !is_closed(markup) {
            let end = format!("</{name}");
            let at = markup.to_ascii_lowercase().find(&end);
            at.and_then(|at| markup.get(at + end.len()..))
                .and_then(|after| after.split_once('>'))
                .map_or("", |(_, after)| after)
        } else if markup
            .starts_with(|letter: char| letter.is_alphabetic() || matches!(letter, '/' | '!' | '?'))
        {
            markup.split_once('>').map_or("", |(_, after)| after)
        } else {
            text.push('<');
            markup
        };
        let is_break = matches!(name.as_str(), "br" | "p" | "div" | "tr" | "li" | "td" | "th")
            || markup.starts_with('/');
        if is_break && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
    text.push_str(rest);
    for (name, letter) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#160;", " "),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(name, letter);
    }
    text
}

/// Whether a start tag has no content.
fn is_closed(markup: &str) -> bool {
    markup.split_once('>').is_some_and(|(tag, _)| tag.ends_with('/'))
}

/// Whether the codec finds nothing wrong with a `div`.
fn is_legal(div: &str) -> bool {
    let narrative = Narrative {
        status: Some(NarrativeStatus::Additional),
        div: Some(Str::new(div)),
        ..Narrative::default()
    };
    !crate::check(&narrative).iter().any(crate::Finding::is_error)
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
        for (bad, words) in [
            (
                "<div>a<script>b()</script> &amp; <b onclick=\"c()\">d</b></div>",
                "<p>a &amp; d</p>",
            ),
            ("<div>1 < 2<br>3<SCRIPT src='x'/></div>", "<p>1 &lt; 2 3</p>"),
            ("<p>x<!-- y -->z", "<p>xz</p>"),
        ] {
            let safe = safe(bad);
            assert!(safe.contains(words), "{safe}");
        }
        assert!(safe("<div><script>x</script></div>").contains("cannot be shown"));
        let of_text = of(Some("<p>no div</p>"), Some("a < b")).unwrap();
        assert!(of_text.div.unwrap().contains("a &lt; b"));
        assert!(of(None, Some(" ")).is_none());
    }
}
