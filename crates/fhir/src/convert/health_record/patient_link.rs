//! The person's Patient and those of the sources.

use ehr_model::{Entry, EntryId, Member};

use super::RecordExport;
use crate::convert::contained::{contained_meta, prefix_id, prefix_local_references};
use crate::convert::export::resource_of;
use crate::convert::map::Writer;
use crate::convert::provenance::record_identifier;
use crate::convert::{record, text};
use crate::element::Str;
use crate::r4::{self, Resource};

impl RecordExport<'_> {
    /// Links the person's Patient to the Patient of each source.
    pub(super) fn link_patient(&self, patient: &mut r4::Patient, members: &[(&Member, &Entry, usize)]) {
        let link = |id: &EntryId| self.names.get(id).cloned();
        let writer = Writer::linked(&link);
        for (number, (member, entry, chart)) in members.iter().enumerate() {
            let id = format!("source-{}", number + 1);
            let source = self
                .rewritten(entry, *chart)
                .and_then(|tree| resource_of(&tree))
                .unwrap_or_else(|| record::write(&entry.record, &writer));
            let Resource::Patient(mut source) = source else {
                continue;
            };
            // Rules dom-2, dom-4, dom-5.
            let inner = std::mem::take(&mut source.contained);
            for mut resource in inner {
                prefix_id(&mut resource, &id);
                patient.contained.push(resource);
            }
            source.id = Some(Str::new(&id));
            source.meta = source.meta.take().and_then(contained_meta);
            source.text = None;
            source.link.clear();
            let mut source = Resource::Patient(source);
            prefix_local_references(&mut source, &id);
            patient.contained.push(source);
            patient.link.push(r4::PatientLink {
                other: Some(Box::new(r4::Reference {
                    reference: Some(Str::new(format!("#{id}"))),
                    r#type: Some(Str::new_static("Patient")),
                    identifier: record_identifier(member),
                    display: text::string(&member.source),
                    ..r4::Reference::default()
                })),
                r#type: Some(r4::LinkType::Seealso),
                ..r4::PatientLink::default()
            });
        }
    }
}
