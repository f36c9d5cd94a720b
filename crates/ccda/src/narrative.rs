//! The narrative block of CDA as XHTML that FHIR allows, and as plain text.

use crate::xml::{Element, Namespace, Node};

impl Element<'_> {
    /// Plain text of narrative: blocks, rows and line breaks become lines, cells are divided by ` | `, list items
    /// begin with `- `. `None` when there is no text.
    pub fn to_plain_text(self) -> Option<String> {
        let mut out = String::new();
        plain(self, &mut out);
        let lines: Vec<_> = out
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let text = lines
            .iter()
            .filter(|line| !line.is_empty() && *line != "|")
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        (!text.is_empty()).then_some(text)
    }

    /// The narrative as an XHTML `div` with the elements and attributes that FHIR allows: no scripts, no links into
    /// the dark, `ID`s kept as `id`. `None` when there is nothing to show.
    pub fn to_xhtml_div(self) -> Option<String> {
        let mut body = String::new();
        for node in self.nodes() {
            xhtml_node(node, &mut body);
        }
        if body.trim().is_empty() {
            return None;
        }
        Some(format!(
            "<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>",
            body.trim()
        ))
    }
}

fn plain(element: Element<'_>, out: &mut String) {
    for node in element.nodes() {
        match node {
            Node::Text(text) => {
                // White space of the source only separates words; lines come from the markup.
                for (index, word) in text.split_whitespace().enumerate() {
                    if index > 0 || text.starts_with(char::is_whitespace) {
                        out.push(' ');
                    }
                    out.push_str(word);
                }
                if text.ends_with(char::is_whitespace) {
                    out.push(' ');
                }
            }
            Node::Element(child) => match child.name() {
                "br" => out.push('\n'),
                "th" | "td" => {
                    if !out.is_empty() && !out.ends_with('\n') {
                        out.push_str(" | ");
                    }
                    let mut cell = String::new();
                    plain(child, &mut cell);
                    let lines: Vec<_> = cell
                        .lines()
                        .map(str::trim)
                        .filter(|line| !line.is_empty())
                        .collect();
                    out.push_str(&lines.join("; "));
                }
                "item" => {
                    out.push_str("\n- ");
                    plain(child, out);
                    out.push('\n');
                }
                "paragraph" | "list" | "table" | "tr" | "thead" | "tbody" | "tfoot" | "caption" | "title"
                | "text" => {
                    out.push('\n');
                    plain(child, out);
                    out.push('\n');
                }
                _ => plain(child, out),
            },
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t' | '\r') => out.push(' '),
            c => out.push(c),
        }
    }
}

/// The XHTML element for an element of CDA narrative, and a class that keeps what the name said.
fn xhtml_name(element: Element<'_>) -> Option<&'static str> {
    Some(match element.name() {
        "paragraph" => "p",
        "content" | "caption" | "linkHtml" | "renderMultiMedia" | "footnote" | "footnoteRef" => "span",
        "list" => {
            if element.attribute("listType") == Some("ordered") {
                "ol"
            } else {
                "ul"
            }
        }
        "item" => "li",
        "table" => "table",
        "thead" => "thead",
        "tbody" => "tbody",
        "tfoot" => "tfoot",
        "tr" => "tr",
        "th" => "th",
        "td" => "td",
        "col" => "col",
        "colgroup" => "colgroup",
        "br" => "br",
        "sub" => "sub",
        "sup" => "sup",
        "div" => "div",
        "b" => "b",
        "i" => "i",
        "p" => "p",
        "ul" => "ul",
        "ol" => "ol",
        "li" => "li",
        "span" => "span",
        _ => return None,
    })
}

fn xhtml_node(node: Node<'_>, out: &mut String) {
    let element = match node {
        Node::Text(text) => {
            escape(text, out);
            return;
        }
        Node::Element(element) => element,
    };
    let Some(mut name) = xhtml_name(element) else {
        // Unknown markup: its text is kept, the markup is not.
        for child in element.nodes() {
            xhtml_node(child, out);
        }
        return;
    };
    let parent = element.parent().map_or("", Element::name);
    if element.name() == "caption" {
        name = match parent {
            "table" => "caption",
            // A caption in a list must stand in an item to be XHTML.
            "list" => "li",
            _ => "b",
        };
    }
    out.push('<');
    out.push_str(name);
    for (namespace, attribute, value) in element.attributes() {
        if namespace != Namespace::None {
            continue;
        }
        let allowed = match attribute {
            "ID" if is_xml_id(value) => "id",
            "styleCode" => "class",
            "colspan" | "rowspan" | "border" | "cellspacing" | "cellpadding" | "width" | "align"
            | "valign" | "summary" => attribute,
            _ => continue,
        };
        // FHIR narrative has no presentation attributes outside tables.
        if matches!(allowed, "width" | "align" | "border" | "valign")
            && !matches!(name, "table" | "td" | "th" | "tr" | "col" | "colgroup")
        {
            continue;
        }
        out.push(' ');
        out.push_str(allowed);
        out.push_str("=\"");
        escape(value, out);
        out.push('"');
        element.attribute(attribute);
    }
    if matches!(name, "br" | "col") {
        out.push_str("/>");
        return;
    }
    out.push('>');
    for child in element.nodes() {
        xhtml_node(child, out);
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn is_xml_id(value: &str) -> bool {
    !value.is_empty() && !value.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use crate::{Document, Limits};

    #[test]
    fn tables_and_lists_become_lines_and_safe_xhtml() {
        let source = b"<text><paragraph>Two\n  words<br/>next</paragraph><table border='1' onclick='x()'><thead><tr><th>A</th><th>B</th></tr></thead>\
            <tbody><tr ID='r1'><td>1 &lt; 2</td><td><content ID='c' styleCode='Bold'>b</content></td></tr></tbody></table>\
            <list listType='ordered'><caption>C</caption><item>one</item><item>two</item></list><script>x</script></text>";
        let parsed = Document::parse(source, &Limits::default());
        let text = parsed.document.root().unwrap();
        assert_eq!(
            text.to_plain_text().unwrap(),
            "Two words\nnext\nA | B\n1 < 2 | b\nC\n- one\n- two\nx"
        );
        let div = text.to_xhtml_div().unwrap();
        assert!(
            div.contains(
                "<tr id=\"r1\"><td>1 &lt; 2</td><td><span id=\"c\" class=\"Bold\">b</span></td></tr>"
            ),
            "{div}"
        );
        assert!(!div.contains("script") && !div.contains("onclick"));
        assert!(div.contains("<ol><li>C</li><li>one</li><li>two</li></ol>"));
    }

    #[test]
    fn empty_narrative_is_nothing() {
        let parsed = Document::parse(b"<text> <paragraph/> </text>", &Limits::default());
        assert_eq!(parsed.document.root().unwrap().to_plain_text(), None);
    }
}
