//! HL7 v2 messages: lossless parse, edit and write, typed views, ACK, MLLP, batch, and the mapping to and from the clinical model.
