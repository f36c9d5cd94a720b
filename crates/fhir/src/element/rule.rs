//! Invariants that are about presence alone.

/// An invariant about which elements stand together; sets of elements are bits by slot.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) key: &'static str,
    pub(crate) test: Test,
    pub(crate) message: &'static str,
}

/// What a [`Rule`] demands.
#[derive(Debug)]
pub(crate) enum Test {
    Any(u128),
    One(u128),
    NotBoth(u128),
    Implies(u128, u128),
    Together(u128),
}

impl Rule {
    pub(crate) const fn new(key: &'static str, test: Test, message: &'static str) -> Self {
        Self { key, test, message }
    }

    /// Whether the rule holds for an element with those members.
    pub(crate) fn holds(&self, seen: u128) -> bool {
        match self.test {
            Test::Any(set) => seen & set != 0,
            Test::One(set) => (seen & set).is_power_of_two(),
            Test::NotBoth(set) => seen & set != set,
            Test::Implies(one, other) => seen & one == 0 || seen & other != 0,
            Test::Together(set) => seen & set == 0 || seen & set == set,
        }
    }
}
