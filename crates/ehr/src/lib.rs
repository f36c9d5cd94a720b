//! Take what several EMRs hold, work out which records are the same person, and make one record per person.
