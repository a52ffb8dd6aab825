//! Frames over a byte stream: a serial line, a pipe, a file. Bytes in `docs/formats/stream.md`.
//!
//! A stream is an [`Opening`], then frames of equal length: the tick, and one `f32` per variable,
//! all little-endian. NaN is a missing value.

use bellwether::error::FrameTooSmall;
use bellwether::port::FrameSource;
use bellwether::report::Detail;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Cause, Reading, Tick};
use embedded_io::{Read, ReadExactError};

const MAGIC: [u8; 4] = *b"BWFS";
/// Version of the stream format.
pub const STREAM_VERSION: u8 = 2;
/// Bytes of an opening.
pub const OPENING_BYTES: usize = 8;
/// Number of readings per read from a stream.
const PIECE: usize = 16;
/// Bytes of the largest frame.
pub const FRAME_MAX: usize = frame_bytes(MAX_VARIABLES);

/// Bytes of a frame with a number of variables.
pub const fn frame_bytes(variables: usize) -> usize {
    size_of::<u64>() + variables * size_of::<f32>()
}

/// The first bytes of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Opening {
    /// Number of variables in every frame, 1 to [`MAX_VARIABLES`].
    pub variables: u16,
    /// The detail of the reports that the sender wants.
    pub detail: Detail,
}

impl Opening {
    /// The opening as bytes.
    pub const fn to_bytes(self) -> [u8; OPENING_BYTES] {
        let [a, b, c, d] = MAGIC;
        let detail = match self.detail {
            Detail::Flagged => 0,
            Detail::Everything => 1,
        };
        let [low, high] = self.variables.to_le_bytes();
        [a, b, c, d, STREAM_VERSION, detail, low, high]
    }

    /// The opening from its bytes; `None` if they are not of this version.
    pub const fn from_bytes(bytes: [u8; OPENING_BYTES]) -> Option<Self> {
        let [a, b, c, d, STREAM_VERSION, detail, low, high] = bytes else {
            return None;
        };
        let variables = u16::from_le_bytes([low, high]);
        let (MAGIC, 0..=1) = ([a, b, c, d], detail) else {
            return None;
        };
        if variables == 0 || variables as usize > MAX_VARIABLES {
            return None;
        }
        let detail = if detail == 0 {
            Detail::Flagged
        } else {
            Detail::Everything
        };
        Some(Self { variables, detail })
    }
}

/// Writes a frame to a buffer and returns the used part. Absent readings become NaN. Readings
/// beyond [`MAX_VARIABLES`] are left out.
pub fn encode<'a>(tick: Tick, frame: &[Reading], buffer: &'a mut [u8; FRAME_MAX]) -> &'a [u8] {
    let (head, values) = buffer.split_at_mut(size_of::<u64>());
    head.copy_from_slice(&tick.0.to_le_bytes());
    for (place, reading) in values.chunks_exact_mut(size_of::<f32>()).zip(frame) {
        place.copy_from_slice(&reading.to_f32().to_le_bytes());
    }
    let used = frame_bytes(frame.len().min(MAX_VARIABLES));
    buffer.get(..used).unwrap_or(buffer)
}

/// The reason why a stream cannot be read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The stream does not begin with an opening of this version.
    Opening,
    /// The stream ended within an opening or a frame.
    Truncated,
    /// The given frame is shorter than the stream has variables.
    Room(FrameTooSmall),
    /// The transport failed.
    Bus(E),
}

impl<E> From<ReadExactError<E>> for StreamError<E> {
    fn from(error: ReadExactError<E>) -> Self {
        match error {
            ReadExactError::UnexpectedEof => Self::Truncated,
            ReadExactError::Other(error) => Self::Bus(error),
        }
    }
}

impl<E: core::fmt::Debug> core::fmt::Display for StreamError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Opening => f.write_str("not a stream of frames of this version"),
            Self::Truncated => f.write_str("the stream ended within a frame"),
            Self::Room(error) => error.fmt(f),
            Self::Bus(error) => write!(f, "the transport failed: {error:?}"),
        }
    }
}

impl<E: core::fmt::Debug> core::error::Error for StreamError<E> {}

/// A [`FrameSource`] that reads a stream.
///
/// ```
/// use bellwether::{Reading, Tick, port::FrameSource, report::Detail};
/// use bellwether_hal::FrameReader;
/// use bellwether_hal::source::stream::{FRAME_MAX, Opening, encode};
/// let sent = [Reading::Value(21.5), Reading::Value(48.0)];
/// let opening = Opening { variables: 2, detail: Detail::Flagged };
/// let mut wire = opening.to_bytes().to_vec();
/// wire.extend_from_slice(encode(Tick(7), &sent, &mut [0; FRAME_MAX]));
///
/// let mut source = FrameReader::open(&wire[..])?; // any `embedded_io::Read`
/// let mut frame = [Reading::Value(0.0); 2];
/// assert_eq!(source.next_frame(&mut frame)?, Some(Tick(7)));
/// assert_eq!(frame, sent);
/// assert_eq!(source.next_frame(&mut frame)?, None); // the stream ends between two frames
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameReader<R> {
    input: R,
    opening: Opening,
}

impl<R: Read> FrameReader<R> {
    /// Reads the opening.
    ///
    /// # Errors
    /// The input does not begin with an opening, or fails.
    pub fn open(mut input: R) -> Result<Self, StreamError<R::Error>> {
        let mut bytes = [0; OPENING_BYTES];
        input.read_exact(&mut bytes)?;
        let opening = Opening::from_bytes(bytes).ok_or(StreamError::Opening)?;
        Ok(Self { input, opening })
    }

    /// The opening of the stream.
    pub const fn opening(&self) -> Opening {
        self.opening
    }
}

impl<R: Read> FrameSource for FrameReader<R> {
    type Error = StreamError<R::Error>;

    fn variables(&self) -> usize {
        usize::from(self.opening.variables)
    }

    /// Reads one frame; `None` if the stream ends between two frames.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, Self::Error> {
        let (variables, room) = (self.variables(), frame.len());
        let Some((readings, beyond)) = frame.split_at_mut_checked(variables) else {
            return Err(StreamError::Room(FrameTooSmall { variables, room }));
        };
        let mut tick = [0; size_of::<u64>()];
        let first = self.input.read(&mut tick).map_err(StreamError::Bus)?;
        if first == 0 {
            return Ok(None);
        }
        if let Some(rest) = tick.get_mut(first..) {
            self.input.read_exact(rest)?;
        }
        // In pieces, so that a large frame takes no stack where a small one comes.
        for piece in readings.chunks_mut(PIECE) {
            let mut values = [[0; size_of::<f32>()]; PIECE];
            let bytes = values.as_flattened_mut();
            if let Some(bytes) = bytes.get_mut(..piece.len() * size_of::<f32>()) {
                self.input.read_exact(bytes)?;
            }
            for (reading, value) in piece.iter_mut().zip(values) {
                *reading = Reading::from(f32::from_le_bytes(value));
            }
        }
        beyond.fill(Reading::Absent(Cause::Missing));
        Ok(Some(Tick(u64::from_le_bytes(tick))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn stream(opening: Opening, frames: &[(Tick, &[Reading])]) -> Vec<u8> {
        let mut bytes = opening.to_bytes().to_vec();
        for (tick, frame) in frames {
            bytes.extend_from_slice(encode(*tick, frame, &mut [0; FRAME_MAX]));
        }
        bytes
    }

    const OPENING: Opening = Opening {
        variables: 3,
        detail: Detail::Everything,
    };

    /// Broken by any change of the bytes that are documented.
    #[test]
    fn a_frame_is_tick_and_values_in_little_endian() {
        let frame = [Reading::Value(1.0), Reading::Value(-2.0)];
        assert_eq!(
            encode(Tick(258), &frame, &mut [0; FRAME_MAX]),
            [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
        );
        assert_eq!(OPENING.to_bytes(), *b"BWFS\x02\x01\x03\x00");
    }

    #[test]
    fn frames_come_back_as_they_were_sent_and_the_end_is_an_end() {
        let absent = Reading::Absent(Cause::Missing);
        let infinite = Reading::Absent(Cause::NotFinite);
        let sent: [&[Reading]; 2] = [
            &[Reading::Value(34.324), absent, Reading::Value(-0.0)],
            &[Reading::Value(f32::INFINITY), Reading::Value(1e-40), absent],
        ];
        let bytes = stream(OPENING, &[(Tick(0), sent[0]), (Tick(u64::MAX), sent[1])]);
        let mut reader = FrameReader::open(&bytes[..]).unwrap();
        assert_eq!(reader.opening(), OPENING);
        let mut frame = [Reading::Value(7.0); 4];
        assert_eq!(reader.next_frame(&mut frame), Ok(Some(Tick(0))));
        assert_eq!(frame[..3], *sent[0]);
        assert_eq!(frame[3], absent, "what the source does not have is missing");
        assert_eq!(reader.next_frame(&mut frame), Ok(Some(Tick(u64::MAX))));
        assert_eq!(frame[..3], [infinite, Reading::Value(1e-40), absent]);
        assert_eq!(reader.next_frame(&mut frame), Ok(None));
    }

    #[test]
    fn a_small_frame_is_refused_and_nothing_is_read() {
        let frame = [1.0, 2.0, 3.0].map(Reading::Value);
        let bytes = stream(OPENING, &[(Tick(0), &frame)]);
        let mut reader = FrameReader::open(&bytes[..]).unwrap();
        let mut small = [Reading::Value(7.0); 2];
        let refused = StreamError::Room(FrameTooSmall {
            variables: 3,
            room: 2,
        });
        assert_eq!(reader.next_frame(&mut small), Err(refused));
        assert_eq!(small, [Reading::Value(7.0); 2]);
        let mut got = [Reading::Value(7.0); 3];
        assert_eq!(reader.next_frame(&mut got), Ok(Some(Tick(0))));
    }

    /// An input that gives one byte at a time, as a serial line may.
    struct Slow<'a>(&'a [u8]);

    impl embedded_io::ErrorType for Slow<'_> {
        type Error = core::convert::Infallible;
    }

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
            let (Some((first, rest)), Some(place)) = (self.0.split_first(), buffer.first_mut())
            else {
                return Ok(0);
            };
            *place = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn a_slow_line_gives_the_same_frames() {
        let frame = [1.5, 2.5, 3.5].map(Reading::Value);
        let bytes = stream(OPENING, &[(Tick(9), &frame)]);
        let mut reader = FrameReader::open(Slow(&bytes)).unwrap();
        let mut got = [Reading::Absent(Cause::Missing); 3];
        assert_eq!(reader.next_frame(&mut got), Ok(Some(Tick(9))));
        assert_eq!(got, frame);
    }

    #[test]
    fn every_truncation_and_every_wrong_opening_is_an_error() {
        let frame = [Reading::Value(1.0); 3];
        let bytes = stream(OPENING, &[(Tick(1), &frame), (Tick(2), &frame)]);
        let frame_bytes = frame_bytes(3);
        for length in 0..bytes.len() {
            let read = || -> Result<usize, StreamError<core::convert::Infallible>> {
                let mut reader = match FrameReader::open(&bytes[..length]) {
                    Ok(reader) => reader,
                    Err(StreamError::Truncated) => return Err(StreamError::Truncated),
                    Err(_) => panic!("length {length}"),
                };
                let mut count = 0;
                let mut got = [Reading::Absent(Cause::Missing); 3];
                loop {
                    match reader.next_frame(&mut got) {
                        Ok(Some(_)) => count += 1,
                        Ok(None) => return Ok(count),
                        Err(_) => return Err(StreamError::Truncated),
                    }
                }
            };
            let whole =
                length >= OPENING_BYTES && (length - OPENING_BYTES).is_multiple_of(frame_bytes);
            let want = whole.then(|| (length - OPENING_BYTES) / frame_bytes);
            assert_eq!(read().ok(), want, "cut to {length}");
        }
        // Byte 6 is the low half of the number of variables, whose bounds follow.
        for at in [0, 1, 2, 3, 4, 5, 7] {
            let mut opening = OPENING.to_bytes();
            opening[at] ^= 0x84;
            assert_eq!(Opening::from_bytes(opening), None, "byte {at}");
        }
        for (variables, fits) in [(0, false), (1, true), (512, true), (513, false)] {
            let opening = Opening {
                variables,
                ..OPENING
            };
            let read = Opening::from_bytes(opening.to_bytes());
            assert_eq!(read, fits.then_some(opening), "{variables}");
        }
    }
}
