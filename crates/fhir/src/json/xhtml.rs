//! The XHTML of a narrative: <https://hl7.org/fhir/R4/narrative.html#xhtml>.

use std::borrow::Cow;
use std::collections::BTreeSet;

const NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

/// Elements that a narrative may have: those that txt-1 lists, and `address`, `bdo` and `kbd` of the chapters that it names.
const ELEMENTS: &str = "a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em \
    h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var";

/// Attributes that txt-1 lists, and those of XML itself that only describe.
const ATTRIBUTES: &str = "abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char \
    charoff charset cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name \
    nowrap rel rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width \
    xml:lang xml:space";

/// Attributes whose value is an address.
const ADDRESSES: &str = "href src cite longdesc";

/// Schemes of addresses that lead somewhere and run nothing.
const SCHEMES: &str = "http https ftp mailto tel fax sms cid urn";

/// Most prefixes that are bound at once: each name is looked for among them.
const MOST_BOUND: usize = 32;

/// What makes a style run or fetch more than an image; an escape may hide any of it.
const ACTIVE_STYLES: &[&str] = &[
    "javascript:",
    "vbscript:",
    "expression(",
    "behavior:",
    "-moz-binding",
    "@import",
    "\\",
];

/// Says what is wrong with a text as the `div` of a narrative: a finding code and a sentence.
pub(super) fn fault(text: &str) -> Option<(&'static str, &'static str)> {
    let mut reader = Reader::default();
    let read = if text.chars().all(is_character) {
        reader.read(text)
    } else {
        None
    };
    match read {
        None => Some((
            "fhir.primitive.xhtml",
            "xhtml is one well-formed `div` element in the namespace of XHTML",
        )),
        Some(()) if reader.forbidden => Some((
            "fhir.invariant.txt-1",
            "the narrative has an element, attribute or address that is more than basic formatting",
        )),
        Some(()) if !reader.content => Some(("fhir.invariant.txt-2", "the narrative has no text")),
        Some(()) => None,
    }
}

#[derive(Default)]
struct Reader<'t> {
    /// The open elements, each with the number of prefixes bound around it.
    open: Vec<(&'t str, usize)>,
    /// Prefixes and whether they stand for XHTML; the empty one is that of names without a prefix.
    bound: Vec<(&'t str, bool)>,
    /// Text or an image was read.
    content: bool,
    /// Something that a narrative must not have was read.
    forbidden: bool,
}

impl<'t> Reader<'t> {
    /// Reads the whole text; `None` when it is not one well-formed `div`.
    fn read(&mut self, text: &'t str) -> Option<()> {
        let mut rest = text.trim();
        loop {
            let (before, markup) = rest.split_once('<')?;
            if !before.is_empty() {
                self.open.last()?;
                self.content |= !unescape(before)?.trim().is_empty();
                if before.contains("]]>") {
                    return None;
                }
            }
            rest = if let Some(comment) = markup.strip_prefix("!--") {
                // Two hyphens stand in no comment but at its end.
                comment.split_once("--")?.1.strip_prefix('>')?
            } else if let Some(data) = markup.strip_prefix("![CDATA[") {
                let (data, after) = data.split_once("]]>")?;
                self.open.last()?;
                self.content |= !data.trim().is_empty();
                after
            } else if let Some(end) = markup.strip_prefix('/') {
                let (name, after) = end.split_once('>')?;
                let (open, bound) = self.open.pop()?;
                self.bound.truncate(bound);
                if open != name.trim_end() {
                    return None;
                }
                after
            } else {
                self.start_tag(markup)?
            };
            if self.open.is_empty() {
                return rest.is_empty().then_some(());
            }
        }
    }

    /// Reads a start tag, which `<` is before; gives what follows.
    fn start_tag(&mut self, markup: &'t str) -> Option<&'t str> {
        let end = markup.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'))?;
        let (name, mut rest) = markup.split_at_checked(end)?;
        let (prefix, local) = split_name(name)?;
        let outer = self.bound.len();
        let mut attributes: BTreeSet<&str> = BTreeSet::new();
        let mut has_source = false;
        let (has_content, after) = loop {
            let next = rest.trim_start();
            if let Some(after) = next.strip_prefix('>') {
                break (true, after);
            }
            if let Some(after) = next.strip_prefix("/>") {
                break (false, after);
            }
            let (attribute, after) = next.split_once('=')?;
            let attribute = attribute.trim_end();
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            if next.len() == rest.len() || value.contains('<') || !attributes.insert(attribute) {
                return None;
            }
            self.attribute(attribute, &unescape(value)?)?;
            has_source |= attribute == "src" && !value.is_empty();
            rest = after;
        };
        for attribute in attributes {
            let (prefix, _) = split_name(attribute)?;
            if !matches!(prefix, "" | "xml" | "xmlns") {
                self.is_xhtml(prefix)?;
            }
        }
        if self.bound.len() > MOST_BOUND {
            return None;
        }
        let is_xhtml = self.is_xhtml(prefix)?;
        if self.open.is_empty() && !(is_xhtml && local == "div") {
            return None;
        }
        self.forbidden |= !is_xhtml || !has_word(ELEMENTS, local);
        self.content |= local == "img" && has_source;
        if has_content {
            self.open.push((name, outer));
        } else {
            self.bound.truncate(outer);
        }
        Some(after)
    }

    /// Whether a prefix stands for XHTML; `None` when it stands for nothing.
    fn is_xhtml(&self, prefix: &str) -> Option<bool> {
        let mut bound = self.bound.iter().rev();
        bound
            .find(|(own, _)| *own == prefix)
            .map(|(_, is_xhtml)| *is_xhtml)
    }

    /// Judges an attribute by its value without references.
    fn attribute(&mut self, name: &'t str, value: &str) -> Option<()> {
        if name == "xmlns" {
            self.bound.push(("", value == NAMESPACE));
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            if prefix.is_empty() || value.is_empty() {
                return None;
            }
            self.bound.push((prefix, value == NAMESPACE));
        } else if !has_word(ATTRIBUTES, name) {
            self.forbidden = true;
        } else if has_word(ADDRESSES, name) {
            self.forbidden |= !is_plain_address(value, name == "src");
        } else if name == "style" {
            let style = lowercase(value);
            self.forbidden |= ACTIVE_STYLES.iter().any(|active| style.contains(active));
        }
        Some(())
    }
}

fn has_word(words: &str, name: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == name)
}

/// A text as a browser takes it where it looks for a scheme: in lower case, without white space and control characters.
fn lowercase(text: &str) -> String {
    let seen = |c: &char| !c.is_whitespace() && !c.is_control();
    text.chars()
        .filter(seen)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Whether an address is relative, or leads somewhere; an image may stand in the address itself.
fn is_plain_address(value: &str, of_image: bool) -> bool {
    let address = lowercase(value);
    let scheme = match address.find([':', '/', '?', '#']) {
        Some(end) if address.get(end..=end) == Some(":") => address.get(..end).unwrap_or_default(),
        _ => return true,
    };
    has_word(SCHEMES, scheme) || (of_image && address.starts_with("data:image/"))
}

/// Prefix and local part of a name; `None` when it is no name.
fn split_name(name: &str) -> Option<(&str, &str)> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    (is_name(local) && (prefix.is_empty() != name.contains(':')) && (prefix.is_empty() || is_name(prefix)))
        .then_some((prefix, local))
}

/// Whether XML may hold the character.
fn is_character(c: char) -> bool {
    (c >= ' ' || matches!(c, '\t' | '\n' | '\r')) && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The text with its references replaced; `None` when one of them is not of XML, which has no `&nbsp;`.
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    let mut parts = text.split('&');
    let first = parts.next()?;
    if first.len() == text.len() {
        return Some(Cow::Borrowed(text));
    }
    let mut out = first.to_owned();
    for part in parts {
        let (name, after) = part.split_once(';')?;
        let number = |digits: &str, radix| {
            let plain = digits.chars().all(|digit| digit.is_digit(radix));
            let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain)?;
            char::from_u32(code).filter(|c| is_character(*c))
        };
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let digits = name.strip_prefix('#')?;
                match digits.strip_prefix('x') {
                    Some(digits) => number(digits, 16)?,
                    None => number(digits, 10)?,
                }
            }
        });
        out.push_str(after);
    }
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code for a `div` of XHTML with that content.
    fn inside(content: &str) -> &'static str {
        let text = format!("<div xmlns=\"{NAMESPACE}\">{content}</div>");
        fault(&text).map_or("", |(code, _)| code)
    }

    #[test]
    fn basic_formatting_is_a_narrative() {
        for good in [
            "x",
            "a &amp; b &#160; &#xA0;<br/> <!-- <b> --> <p class = 'x' style=\"a>b\">y</p>",
            "<img src=\"#a\" alt=\"b\"/>",
            "<img src=\"data:image/png;base64,AAAA\"/>",
            "<table ><tr><td>1 > 0</td></tr></table >",
            "<![CDATA[<b>]]>",
            "<p xml:lang=\"en\" id=\"a\" xmlns=\"http://www.w3.org/1999/xhtml\">x</p>",
            "<a name=\"b\"/><a href=\"Patient/1\" title=\"x:y\">x</a><a href=\"mailto:x@example.org\">y</a>",
            "<a href=\"#a:b\">x</a><a href=\"?a=b:c\">y</a>",
            "<span style=\"background-image: url(line.png)\">x</span>",
            "<address>x</address><kbd>y</kbd><bdo dir=\"rtl\">z</bdo>",
        ] {
            assert_eq!(inside(good), "", "{good}");
        }
        for good in [
            " <div xmlns='http://www.w3.org/1999/xhtml'>a</div>\n",
            "<xhtml:div xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"><xhtml:b>x</xhtml:b></xhtml:div>",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn a_narrative_is_one_well_formed_div_of_xhtml() {
        for bad in [
            "<b>x</i>",
            "<b>x</div></b>",
            "<p>x",
            "<p a=b>x</p>",
            "<p a>x</p>",
            "<p class=\"b\"id=\"d\">x</p>",
            "<p class=\"<\">x</p>",
            "<p class=\"a\" class=\"b\">x</p>",
            "<p class=\"&foo;\">x</p>",
            "<p x:y=\"z\">x</p>",
            "<p xmlns:x=\"\">x</p>",
            "<foo:b>x</foo:b>",
            "<:b>x</:b>",
            "<a:b:c>x</a:b:c>",
            "a & b",
            "a &; b",
            "a &nbsp; b",
            "a &#0; b",
            "a &#xFFFF; b",
            "a &#+32; b",
            "a\u{1}b",
            "a ]]> b",
            "< b",
            "<!-- x",
            "<!-- a -- b -->",
            "<?x?>x",
        ] {
            assert_eq!(inside(bad), "fhir.primitive.xhtml", "{bad}");
        }
        let div = format!("<div xmlns=\"{NAMESPACE}\">");
        for bad in [
            String::new(),
            "x".to_owned(),
            "<div>x</div>".to_owned(),
            "<div xmlns=\"urn:other\">x</div>".to_owned(),
            "<x:div xmlns:x=\"urn:other\">x</x:div>".to_owned(),
            format!("<p xmlns=\"{NAMESPACE}\">x</p>"),
            format!("<DIV xmlns=\"{NAMESPACE}\">x</DIV>"),
            format!("<divx xmlns=\"{NAMESPACE}\">x</divx>"),
            format!("{div}x"),
            format!("{div}x</div"),
            format!("{div}x</div>{div}y</div>"),
            format!("{div}x</div>y"),
            format!("<!DOCTYPE div>{div}x</div>"),
            format!("<div xmlns=\"{NAMESPACE}\"/>x"),
            "<![CDATA[x]]>".to_owned(),
        ] {
            let code = fault(&bad).map(|(code, _)| code);
            assert_eq!(code, Some("fhir.primitive.xhtml"), "{bad}");
        }
    }

    #[test]
    fn what_is_more_than_formatting_is_found() {
        for active in [
            "x<script>y</script>",
            "x<SCRIPT src=\"y\"/>",
            "x<style>y</style>",
            "x<video src=\"y\"/>",
            "x<meta http-equiv=\"refresh\" content=\"0\"/>",
            "x<ins>y</ins>",
            "x<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "x<p xmlns=\"\">y</p>",
            "x<form><input type=\"text\"/></form>",
            "<p onclick=\"y()\">x</p>",
            "<p foo=\"1\">x</p>",
            "<p Class=\"1\">x</p>",
            "<p xml:base=\"http://example.org\">x</p>",
            "<p xmlns:x=\"urn:x\" x:y=\"z\">x</p>",
            "<a href=\" JavaScript:y()\">x</a>",
            "<a href=\"java&#115;cript:y()\">x</a>",
            "<a href=\"java&#10;script:y()\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<a href=\"data:image/png;base64,AAAA\">x</a>",
            "<img src=\"data:text/html,x\"/>",
            "<q cite=\"vbscript:y\">x</q>",
            "<p style=\"width: expression(y)\">x</p>",
            "<p style=\"background: url(java&#9;script:y)\">x</p>",
        ] {
            assert_eq!(inside(active), "fhir.invariant.txt-1", "{active}");
        }
    }

    #[test]
    fn a_narrative_says_something() {
        for empty in [
            "",
            " \n <p> </p>",
            "<!-- x -->",
            "&#160;&#32;",
            "<img alt=\"x\"/>",
            "<![CDATA[ ]]>",
        ] {
            assert_eq!(inside(empty), "fhir.invariant.txt-2", "{empty}");
        }
        let alone = format!("<div xmlns=\"{NAMESPACE}\"/>");
        assert_eq!(fault(&alone).map(|(code, _)| code), Some("fhir.invariant.txt-2"));
    }
}
