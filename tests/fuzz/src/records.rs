//! What is sent: report records, and streams of frames.

use bellwether::port::FrameSource;
use bellwether::report::{RECORD_MAX, REPORT_VERSION, Record};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Cause, Reading};
use bellwether_hal::source::stream::{self, FrameReader};
use bellwether_sim::model::blob::checksum;

/// Bytes as a frame, and as the content of one; a record that is read can be written.
pub fn record(data: &[u8]) {
    let _ = Record::parse(data);
    let data = &data[..data.len().min(200)];
    let mut content = vec![REPORT_VERSION];
    content.extend_from_slice(data);
    content.extend(checksum(&content).to_le_bytes());
    let Ok(record) = Record::parse(&framed(&content)) else {
        return;
    };
    let again = record.frame();
    assert!(!again.is_empty() && again.len() <= RECORD_MAX, "{record:?}");
    let parsed = Record::parse(&again).expect("what was written");
    assert_eq!(parsed.frame(), again);
}

/// Consistent overhead byte stuffing of what has no long run without a zero.
fn framed(content: &[u8]) -> Vec<u8> {
    let runs = content.split(|byte| *byte == 0);
    runs.flat_map(|run| [&[run.len() as u8 + 1], run].concat())
        .collect()
}

/// A stream is read to its end or its fault; its frames are sent as they came.
pub fn stream(data: &[u8]) {
    let Ok(mut reader) = FrameReader::open(data) else {
        return;
    };
    let variables = reader.variables();
    let mut frame = [Reading::Absent(Cause::Missing); MAX_VARIABLES];
    let mut at = stream::OPENING_BYTES;
    while let Ok(Some(tick)) = reader.next_frame(&mut frame) {
        let mut buffer = [0; stream::FRAME_MAX];
        let sent = stream::encode(tick, &frame[..variables], &mut buffer);
        let came = &data[at..at + sent.len()];
        for (sent, came) in sent[8..].as_chunks().0.iter().zip(came[8..].as_chunks().0) {
            let [sent, came] = [sent, came].map(|bytes| f32::from_le_bytes(*bytes));
            let same = if came.is_finite() {
                sent.to_bits() == came.to_bits()
            } else {
                !sent.is_finite()
            };
            assert!(same, "{came} became {sent}");
        }
        at += sent.len();
    }
}
