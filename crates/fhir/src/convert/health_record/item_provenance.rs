//! Where an item comes from.

use ehr_model::{Entry, Member, Source};

use super::RecordExport;
use crate::convert::contained::contain;
use crate::convert::map::Writer;
use crate::convert::provenance::{agent, local, record_identifier, set_recorded, source_agent};
use crate::convert::{labels, text, time};
use crate::r4;

impl RecordExport<'_> {
    /// The Provenance of an item: its members, who recorded them and when, and originals that it contains.
    pub(super) fn provenance(
        &self,
        target: &str,
        members: &[(&Member, &Entry, usize)],
        all: &[Member],
        contained: &[(&Member, &Entry)],
        writer: &Writer<'_>,
    ) -> r4::Provenance {
        let mut sources: Vec<&Source> = Vec::new();
        for (_, _, chart) in members {
            if let Some(chart) = self.record.charts.get(*chart)
                && !sources.contains(&&chart.source)
            {
                sources.push(&chart.source);
            }
        }
        let mut agents: Vec<r4::ProvenanceAgent> =
            sources.iter().map(|source| source_agent(source)).collect();
        for (_, entry, _) in members {
            for author in &entry.origin.authors {
                if let Some(agent) = agent(author, writer)
                    && !agents.contains(&agent)
                {
                    agents.push(agent);
                }
            }
        }
        if agents.is_empty() {
            agents.push(source_agent(&Source::default()));
        }
        let recorded = members
            .iter()
            .filter_map(|(_, entry, _)| entry.origin.recorded)
            .filter(|time| time::write_instant(*time).0.is_some())
            .max_by_key(|time| time.utc_interval());
        let partial = members.iter().find_map(|(_, entry, _)| entry.origin.recorded);
        let mut out = r4::Provenance {
            target: [local(target)].into(),
            agent: agents.into(),
            entity: all
                .iter()
                .map(|member| r4::ProvenanceEntity {
                    role: Some(r4::ProvenanceEntityRole::Source),
                    what: Some(Box::new(r4::Reference {
                        identifier: record_identifier(member),
                        display: text::string(&format!("{} {}", member.source, member.key)),
                        ..r4::Reference::default()
                    })),
                    ..r4::ProvenanceEntity::default()
                })
                .collect(),
            ..r4::Provenance::default()
        };
        set_recorded(&mut out, recorded.or(partial));
        contain(&mut out, contained, writer);
        // What is contained can have no labels (rule dom-5).
        labels::put(
            labels::of(contained.iter().map(|(_, entry)| *entry)),
            &mut out.meta,
        );
        out
    }
}
