//! What can be asked on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Convert, merge, match and check health records: C-CDA documents, HL7 v2 messages, FHIR R4 JSON.
#[derive(Parser)]
#[command(
    name = "ehr",
    version,
    after_help = "\
Exit status: 0 when every input was read; 1 when some could not be read, or only in part (the rest is still done), or a result \
could not be written; 2 for wrong usage; that no input file is found is wrong usage.

`-` is standard input wherever a file is read as an input.

Examples:
  ehr convert exports/ --out fhir/          every document and message as a FHIR R4 Bundle
  ehr merge clinic/ hospital.json lab.hl7 --out merged/
  ehr match people.csv --out persons.csv --pairs pairs.csv
  ehr check export.json feed.hl7
  zcat feed.hl7.gz | ehr check -"
)]
pub(crate) struct Args {
    /// What is written to standard output: lines for a person or JSON lines.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines for a person.
    Text,
    /// JSON lines.
    Json,
    /// Of `check` alone: a FHIR OperationOutcome for each file, one a line.
    OperationOutcome,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Convert each input to a FHIR R4 collection Bundle.
    #[command(after_help = "\
For each input file writes DIR/<path>.fhir.json and DIR/<path>.findings.json; <path> is relative to INPUT (`stdin` for standard \
input). Where two inputs have a file of one path, the later ones are written below DIR/input-2, DIR/input-3 and so on. DIR may lie \
in an INPUT, but not be one, nor hold anything but results. The NDJSON files of a bulk export are converted one by one, their \
references as they are; merge reads them as one source.

Examples:
  ehr convert visit.xml --out fhir/
  ehr convert exports/ more/feed.hl7 --out fhir/ --format json")]
    Convert(Convert),
    /// Merge the exports of several sources into one record per person.
    #[command(after_help = "\
Writes DIR/ehr/<person>.json (FHIR R4 Bundle), DIR/report.md (for a person) and DIR/merge.json (for programs). Errors in a source \
go to standard error; report.md tells which sources were read only in part, and merge.json holds every finding.

Each file is a source of its own, except a FHIR bulk data export: .ndjson files that lie in one folder and refer to one another's \
resources (Patient.ndjson, Condition.ndjson) are one source, named after the folder.

Local codes: --concept-map takes FHIR ConceptMaps (JSON, R4 or R5) or a CSV table with the header \
source_system,source_code,target_system,target_code,relation; the relation is a FHIR code, `equivalent` where it is empty. The \
systems are those that merge.json shows.

Review: report.md and merge.json list pairs of charts that may be of one person, with an id for each chart. Answer in a CSV file \
with rows a,b,same or a,b,different and merge again with --verdicts. A row a,b,different also undoes a link that is wrong. Keep \
the file: verdicts hold for later exports under the same names, wherever the folder lies. The ids derive from the path of each \
file below its INPUT, or, where several INPUTs lie in one folder, below that folder. The id of a person derives from the ids of the \
charts: it may change when sources are added or left out.

Examples:
  ehr merge examples/data/riverside --out target/riverside
  ehr merge clinic.xml hospital.json lab.hl7 --out merged/
  ehr merge exports/ --out merged/ --concept-map lab-to-loinc.json --concept-map drugs.csv
  ehr merge exports/ --out merged/ --verdicts reviewed.csv")]
    Merge(Merge),
    /// Find the rows of a table of people that are the same person.
    #[command(
        name = "match",
        after_help = "\
Columns are known by their header: id, source, first, middle, last, suffix, sex, dob, ssn, ssn4, phone, email, street, city, \
state, zip and their usual other names. Others are ignored and named. Commas, semicolons, tabs or bars may stand between the \
cells; UTF-8 and UTF-16 are read, what is neither is taken as Windows-1252. OUT.csv has a line for each row, in their order. \
PEOPLE.csv may be `-` for standard input, OUT.csv or PAIRS.csv `-` for standard output; the summary then goes to standard error.

Rows that are short, long or badly quoted, dates that cannot be read, ids that come again and columns that name one thing twice \
are counted on standard error, each with its first line. The exit status is 1 when a part of the table was not read.

PAIRS.csv lists the pairs above the review floor with a decision: match, review or no-match. First come those that wait for a \
reviewer, the most valuable answer first: how open the question is, times the pairs of rows that the answer joins or keeps apart. \
Among them are matches that did not come together because other rows spoke against it. The others follow in the order of the rows. \
Answer those for review in a CSV file with rows a,b,same or a,b,different and match again with --verdicts: the answers hold, and \
teach about pairs like them.

With --index FILE persons keep their ids from run to run. The first run learns and writes FILE; later ones add the rows that it does \
not hold yet, by the same model, and write it whole again, one run at a time. Rows need ids. A row that comes again with the same id, source \
and content is known; one whose content has changed is added beside it. Verdicts stay in FILE until others are given. OUT.csv has \
the rows of PEOPLE.csv, PAIRS.csv the matches and reviews of all records of FILE, EVENTS.csv the persons who were created, \
merged into others, or lost records to others (split). FILE holds data of patients. When the records have become many times more than those of the \
first run, --relearn.

Examples:
  ehr match people.csv --out persons.csv
  ehr match people.csv --out persons.csv --pairs pairs.csv --map VORNAME=first
  ehr match people.csv --out persons.csv --verdicts reviewed.csv --false-links 0.0001
  ehr match monday.csv --out persons.csv --index people.index --events events.csv
  ehr match - --out - < people.csv > persons.csv"
    )]
    Match(Match),
    /// Parse, validate and round-trip each file; one JSON line a file.
    #[command(after_help = "\
Standard output is JSON lines in every format. With --format text the errors are told on standard error as well; with --format \
operation-outcome each line is a FHIR OperationOutcome, with the file in its extension operationoutcome-file. Where a file could not \
be read, its round_trip is null.

--us-core adds to each line, profile by profile, how many resources have each element that US Core 7.0.0 marks as must-support (or \
asks of certified systems: obligation `uscdi`), how many say why they do not (data-absent-reason), how many do neither, and the \
percentage that have it. A profile without a resource is left out. C-CDA and HL7 v2 are looked at as convert writes them. With \
--format text the sums over all files are told on standard error as a table.

Exit status: 1 when a file could not be read; with --strict also when one is not ok: it has an error, or writing it again gives \
something else.

Examples:
  ehr check patient.json
  ehr check feed.hl7 --format json | jq .findings
  ehr check export.json --format operation-outcome > outcomes.ndjson
  ehr check exports/ --us-core > coverage.ndjson
  ehr check to-send/ --strict --format json && send to-send/")]
    Check(Check),
}

#[derive(clap::Args)]
pub(crate) struct Convert {
    /// Files or folders (taken recursively), or `-`.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Folder for the results; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct Merge {
    /// Files or folders (taken recursively), or `-`; each file is one source's export, and so are the NDJSON files of a bulk export.
    #[arg(required = true, value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Folder for the results; made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// How codes of different systems relate: FHIR ConceptMap JSON or CSV. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) concept_map: Vec<PathBuf>,
    /// What reviewers decided about pairs of charts: CSV rows a,b,same or a,b,different.
    #[arg(long, value_name = "FILE")]
    pub(crate) verdicts: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Match {
    /// A CSV file with a header, or `-`.
    #[arg(value_name = "PEOPLE.csv")]
    pub(crate) people: PathBuf,
    /// Where to write `rec_id,person`.
    #[arg(long, value_name = "OUT.csv")]
    pub(crate) out: PathBuf,
    /// Where to write the compared pairs: `a,b,probability,decision` and the evidence, those for review first.
    #[arg(long, value_name = "PAIRS.csv")]
    pub(crate) pairs: Option<PathBuf>,
    /// Add to PAIRS.csv the values that were compared, which are data of patients; without it there are none.
    #[arg(long, requires = "pairs")]
    pub(crate) show_values: bool,
    /// Keep records, model and persons in FILE: where it is there, the new rows are added to it and persons keep their ids.
    #[arg(long, value_name = "FILE")]
    pub(crate) index: Option<PathBuf>,
    /// Where to write what became of the persons of the index: `event,person,into`.
    #[arg(long, value_name = "EVENTS.csv", requires = "index")]
    pub(crate) events: Option<PathBuf>,
    /// Learn the model anew from all records of the index, and match them all anew by it; ids of persons stay.
    #[arg(long, requires = "index")]
    pub(crate) relearn: bool,
    /// Take the column NAME as FIELD.
    #[arg(long, value_name = "NAME=FIELD")]
    pub(crate) map: Vec<String>,
    /// What reviewers decided about pairs of rows, by their ids: CSV rows a,b,same or a,b,different.
    #[arg(long, value_name = "FILE")]
    pub(crate) verdicts: Option<PathBuf>,
    /// Share of the links that may be false, between 0 and 1: 0.001 where none is given.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) false_links: Option<f64>,
}

impl Args {
    /// The error of options that do not go together.
    pub(crate) fn conflict(&self) -> Option<&'static str> {
        match &self.command {
            _ if self.format != Format::OperationOutcome => None,
            Command::Check(check) if !check.us_core => None,
            Command::Check(_) => Some("an OperationOutcome has no place for --us-core; use --format json"),
            _ => Some("only check writes OperationOutcomes; use --format json"),
        }
    }
}

fn share(text: &str) -> Result<f64, &'static str> {
    let share: Option<f64> = text.parse().ok();
    share
        .filter(|share| *share > 0.0 && *share < 1.0)
        .ok_or("not a number between 0 and 1")
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// Files or folders (taken recursively), or `-`.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Exit with 1 when a file has an error or does not survive being written again.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Report how much of what US Core 7.0.0 marks as must-support each file has.
    #[arg(long)]
    pub(crate) us_core: bool,
}
