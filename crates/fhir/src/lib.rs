//! FHIR R4 resources, a lossless located JSON codec, and the mapping to and from the clinical model.
