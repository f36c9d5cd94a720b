//! Faults of form, gathered while the tree grows and located when it stands.

use ehr_types::{Finding, Severity};

use super::tree::{Document, NodeId};

/// Faults of form that are listed one by one.
const MAX_FAULTS: usize = 1_000;

/// A fault of form. The path of its element cannot be told yet: siblings may follow.
struct Fault {
    severity: Severity,
    code: &'static str,
    at: usize,
    message: &'static str,
    node: NodeId,
}

#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault at an offset of the text, inside `node`. After too many only what ends the reading is noted.
    pub(super) fn push(
        &mut self,
        severity: Severity,
        code: &'static str,
        at: usize,
        message: &'static str,
        node: NodeId,
    ) {
        if self.0.len() == MAX_FAULTS {
            self.0.push(Fault {
                severity: Severity::Error,
                code: "ccda.xml.limit.findings",
                at,
                message: "more faults than are listed follow",
                node: NodeId::DOCUMENT,
            });
        }
        if self.0.len() < MAX_FAULTS || severity == Severity::Fatal {
            self.0.push(Fault {
                severity,
                code,
                at,
                message,
                node,
            });
        }
    }

    /// The faults as findings, now that every element has its path.
    pub(super) fn located(self, document: &Document) -> impl Iterator<Item = Finding> {
        self.0.into_iter().map(|fault| {
            let path = document.top().at(fault.node).path();
            let location = document.locate(path, (fault.at as u32, fault.at as u32));
            Finding::new(fault.code, fault.severity, location, fault.message)
        })
    }
}
