//! Listen for HL7 v2 messages over MLLP, read each into a chart, and answer with an acknowledgement that says what is wrong.
//!
//! Run it: `cargo run --release -p ehr-examples --example lab_feed -- 127.0.0.1:2575`
//! and send it something, for example with the Python package `hl7`:
//! `mllp_send --loose --file examples/data/riverside/lab/results.hl7 --port 2575 127.0.0.1` (without `--loose` it wants the
//! frames in the file already; with it, the file header counts as a message of its own, which is answered AE)
//!
//! To change when copying: `store`, which here only counts; it must have written the message durably before the listener
//! answers AA. The control ids (here a counter) must be your own and never used twice.

use std::error::Error;
use std::net::{TcpListener, TcpStream};

use ehr::hl7v2::mllp::{Connection, Received};
use ehr::hl7v2::{Ack, AckCode, Message, acknowledge};
use ehr::model::{ImportOptions, Source};
use ehr::types::Finding;

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:2575".into());
    let listener = TcpListener::bind(&address)?;
    println!("listening on {}", listener.local_addr()?);
    for stream in listener.incoming() {
        // A connection that fails is not the end of the listener.
        std::thread::spawn(move || {
            if let Err(error) = stream.and_then(serve) {
                eprintln!("connection closed: {error}");
            }
        });
    }
    Ok(())
}

/// Answers every message of one connection.
fn serve(stream: TcpStream) -> std::io::Result<()> {
    let mut connection = Connection::new(stream);
    let mut count = 0;
    while let Some(received) = connection.receive()? {
        match received {
            Received::Frame(bytes) => {
                count += 1;
                if let Some(answer) = answer(&bytes, &format!("EHR{count:08}")) {
                    connection.send(&answer)?;
                }
            }
            // Bytes between frames, or a frame over the limit: there is nothing to answer to.
            other => eprintln!("not a frame: {other:?}"),
        }
    }
    Ok(())
}

/// The acknowledgement for one message; `None` for bytes that are no message, as there is nobody to answer.
fn answer(bytes: &[u8], control_id: &str) -> Option<Vec<u8>> {
    let message = Message::parse(bytes).ok()?;
    let mut findings: Vec<Finding> = message.findings();
    findings.extend(message.validate());
    if let Err(error) = store(bytes) {
        eprintln!("{error}");
        findings.extend(error.findings().iter().cloned());
    }
    let ack = Ack {
        code: AckCode::application(&findings),
        control_id,
        time: &now(),
        findings: &findings,
    };
    Some(acknowledge(&message, &ack))
}

/// Where a product writes to its database.
fn store(bytes: &[u8]) -> Result<(), ehr::model::ImportError> {
    let import = ehr::hl7v2::import(bytes, &ImportOptions::new(Source::new("lab")))?;
    let entries: usize = import.charts.iter().map(|chart| chart.entries.len()).sum();
    println!("{} chart(s), {entries} entries", import.charts.len());
    Ok(())
}

/// The time as HL7 v2 writes it. Libraries take times as arguments; only programs look at the clock.
fn now() -> String {
    chrono::Utc::now().format("%Y%m%d%H%M%S%z").to_string()
}

#[test]
fn good_messages_are_accepted_and_others_told_where() {
    let feed = include_bytes!("data/riverside/lab/results.hl7");
    let good = ehr::hl7v2::messages(feed).next().unwrap().unwrap();
    let accepted = String::from_utf8(answer(good.as_bytes(), "1").unwrap()).unwrap();
    assert!(accepted.contains("\rMSA|AA|DL0001"), "{accepted}");

    let bad =
        b"MSH|^~\\&|LIS|LAB|EHR|X|20260101||ORU^R01^ORU_R01|9|P|2.5.1\rPID|1||1^^^L||A^B||19991399\rOBR|1\r";
    let refused = String::from_utf8(answer(bad, "2").unwrap()).unwrap();
    assert!(
        refused.contains("\rMSA|AE|9") && refused.contains("PID^1^7"),
        "{refused}"
    );
    assert!(answer(b"no message", "3").is_none());
    assert_eq!(now().len(), 19);
}
