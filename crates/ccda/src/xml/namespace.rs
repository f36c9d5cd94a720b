//! Namespaces by meaning, and the bindings in scope.

use std::collections::BTreeSet;

use quick_xml::name::{Namespace as Uri, NamespaceResolver, PrefixDeclaration, QName, ResolveResult};

/// The namespaces that matter in C-CDA; resolved by URI, never by prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// No namespace. Element look-ups treat it as [`Namespace::Hl7V3`], because fragments and some
    /// senders leave the declaration out.
    None,
    /// `urn:hl7-org:v3`.
    Hl7V3,
    /// `urn:hl7-org:sdtc`, the extensions of the structured documents workgroup.
    Sdtc,
    /// `http://www.w3.org/2001/XMLSchema-instance`.
    Xsi,
    /// `http://www.w3.org/XML/1998/namespace`.
    Xml,
    /// Any other.
    Other,
}

impl Namespace {
    fn from_uri(uri: &str) -> Self {
        match uri {
            "" => Self::None,
            "urn:hl7-org:v3" => Self::Hl7V3,
            "urn:hl7-org:sdtc" => Self::Sdtc,
            "http://www.w3.org/2001/XMLSchema-instance" => Self::Xsi,
            "http://www.w3.org/XML/1998/namespace" => Self::Xml,
            _ => Self::Other,
        }
    }

    /// What a prefix means by custom, for documents that forgot to declare it.
    fn from_custom(prefix: &str) -> Self {
        match prefix {
            "sdtc" => Self::Sdtc,
            "xsi" => Self::Xsi,
            "xml" => Self::Xml,
            "cda" | "hl7" | "v3" | "n1" => Self::Hl7V3,
            _ => Self::Other,
        }
    }
}

/// The bindings in scope while a document is read: `quick-xml`'s resolver, opened and closed with the elements of the
/// tree, which recovery may close in another order than the tags do.
#[derive(Default)]
pub(super) struct Scopes {
    resolver: NamespaceResolver,
    /// Prefixes that were used without a declaration.
    undeclared: BTreeSet<String>,
}

impl Scopes {
    pub(super) fn enter(&mut self) {
        self.resolver.set_level(self.resolver.level().saturating_add(1));
    }

    pub(super) fn leave(&mut self) {
        self.resolver.pop();
    }

    /// Binds a prefix in the scope entered last; `false` when XML forbids it, or there are more bindings in scope than
    /// any honest document has.
    pub(super) fn bind(&mut self, declaration: PrefixDeclaration<'_>, uri: &str) -> bool {
        self.resolver.add(declaration, Uri(uri.trim())).is_ok()
    }

    /// The namespace of an element's or attribute's name, and whether its prefix is met undeclared for the first time.
    pub(super) fn resolve(&mut self, name: QName<'_>, is_element: bool) -> (Namespace, bool) {
        match self.resolver.resolve_prefix(name.prefix(), is_element) {
            ResolveResult::Unbound => (Namespace::None, false),
            ResolveResult::Bound(Uri(uri)) => (Namespace::from_uri(uri), false),
            ResolveResult::Unknown(prefix) => {
                let namespace = Namespace::from_custom(&prefix);
                (namespace, self.undeclared.insert(prefix))
            }
        }
    }
}
