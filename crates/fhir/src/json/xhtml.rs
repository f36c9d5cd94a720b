//! The XHTML of a narrative: <https://hl7.org/fhir/R4/narrative.html#xhtml>.

/// Elements that a narrative must not have: what is run, fetched, framed or filled in.
const FORBIDDEN: &[&str] = &[
    "applet", "base", "body", "button", "embed", "form", "frame", "frameset", "head", "iframe", "input",
    "link", "object", "script", "select", "textarea",
];

/// Says what is wrong with a text as the `div` of a narrative: a finding code and a sentence.
pub(super) fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    match read(text) {
        None => Some(("fhir.primitive.xhtml", "xhtml is one well-formed `div` element")),
        Some(Content { active: true, .. }) => {
            Some(("fhir.invariant.txt-1", "the narrative has active content"))
        }
        Some(Content { text: false, .. }) => Some(("fhir.invariant.txt-2", "the narrative has no text")),
        Some(_) => None,
    }
}

/// What is in a narrative.
#[derive(Default)]
struct Content {
    /// Text or an image.
    text: bool,
    /// Something that a narrative must not have.
    active: bool,
}

/// Reads the whole text; `None` when it is not one well-formed `div`.
fn read(text: &str) -> Option<Content> {
    let mut content = Content::default();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.trim();
    loop {
        let (before, markup) = rest.split_once('<')?;
        if !before.trim().is_empty() {
            // Text stands in an element.
            open.last()?;
            content.text = true;
            references(before)?;
        }
        rest = if let Some(comment) = markup.strip_prefix("!--") {
            comment.split_once("-->")?.1
        } else if let Some(data) = markup.strip_prefix("![CDATA[") {
            content.text = true;
            data.split_once("]]>")?.1
        } else if let Some(end) = markup.strip_prefix('/') {
            let (name, after) = end.split_once('>')?;
            if open.pop()? != name.trim_end() {
                return None;
            }
            after
        } else {
            let end = markup.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'))?;
            let (name, attributes) = markup.split_at_checked(end)?;
            let local = name.rsplit(':').next()?;
            if !is_name(name) || (open.is_empty() && local != "div") {
                return None;
            }
            content.active |= FORBIDDEN.iter().any(|other| local.eq_ignore_ascii_case(other));
            content.text |= local == "img";
            let (has_content, after) = attributes_of(attributes, &mut content)?;
            if has_content {
                open.push(name);
            }
            after
        };
        if open.is_empty() {
            return rest.is_empty().then_some(content);
        }
    }
}

/// Reads the attributes of a start tag to its end: whether the element has content, and what follows.
fn attributes_of<'t>(mut rest: &'t str, content: &mut Content) -> Option<(bool, &'t str)> {
    loop {
        let next = rest.trim_start();
        if let Some(after) = next.strip_prefix('>') {
            return Some((true, after));
        }
        if let Some(after) = next.strip_prefix("/>") {
            return Some((false, after));
        }
        let (name, after) = next.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = after.get(1..)?.split_once(quote)?;
        if next.len() == rest.len() || !is_name(name.trim_end()) || value.contains('<') {
            return None;
        }
        references(value)?;
        let starts = |text: &str, start: &str| {
            text.get(..start.len())
                .is_some_and(|text| text.eq_ignore_ascii_case(start))
        };
        content.active |= starts(name, "on") || starts(value.trim_start(), "javascript:");
        rest = after;
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

/// Whether every `&` starts a reference.
fn references(text: &str) -> Option<()> {
    let reference = |after: &str| {
        after.split_once(';').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        })
    };
    text.split('&').skip(1).all(reference).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrative_is_one_well_formed_div_with_text_and_nothing_active() {
        let code = |text| fault(text).map_or("", |(code, _)| code);
        for good in [
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>",
            " <div>a &amp; b &#160; &nbsp; <br/> <!-- <b> --> <p class = 'x' style=\"a>b\">y</p></div>\n",
            "<xhtml:div xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"><xhtml:b>x</xhtml:b></xhtml:div>",
            "<div><img src=\"#a\" alt=\"b\"/></div>",
            "<div><table ><tr><td>1 > 0</td></tr></table ></div >",
            "<div><![CDATA[<b>]]></div>",
        ] {
            assert_eq!(code(good), "", "{good}");
        }
        for bad in [
            "",
            "x",
            "<p>x</p>",
            "<divx>x</divx>",
            "<div>x",
            "<div>x</div",
            "<div>x</div><div>y</div>",
            "<div>x</div>y",
            "<div><b>x</i></div>",
            "<div><b>x</div></b>",
            "<div><p>x</div>",
            "<div a=b>x</div>",
            "<div a>x</div>",
            "<div a=\"b\"c=\"d\">x</div>",
            "<div a=\"<\">x</div>",
            "<div>a & b</div>",
            "<div>a &; b</div>",
            "<div>< b</div>",
            "<div><!-- x</div>",
            "<div><?x?>x</div>",
            "<!DOCTYPE div><div>x</div>",
            "<div/>x",
        ] {
            assert_eq!(code(bad), "fhir.primitive.xhtml", "{bad}");
        }
        for active in [
            "<div>x<script>y</script></div>",
            "<div>x<SCRIPT src=\"y\"/></div>",
            "<div onclick=\"y()\">x</div>",
            "<div><a href=\" JavaScript:y()\">x</a></div>",
            "<div>x<form><input type=\"text\"/></form></div>",
        ] {
            assert_eq!(code(active), "fhir.invariant.txt-1", "{active}");
        }
        for empty in ["<div/>", "<div> \n <p> </p></div>", "<div><!-- x --></div>"] {
            assert_eq!(code(empty), "fhir.invariant.txt-2", "{empty}");
        }
    }
}
