//! Lines of the exposition format: families, samples, labels and their escapes.

use std::fmt::Display;
use std::io::{self, Write};

/// Labels of a sample: names and values.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// The type of a family.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A value of the moment.
    Gauge,
    /// A number that grows.
    Counter,
    /// A sum and a count.
    Summary,
}

/// A page that is being written.
pub struct Text<'a, W> {
    out: &'a mut W,
    family: &'static str,
}

impl<'a, W: Write> Text<'a, W> {
    pub fn new(out: &'a mut W) -> Self {
        Self { out, family: "" }
    }

    /// Begins a family. Its samples follow at once.
    pub fn family(&mut self, name: &'static str, kind: Type, help: &str) -> io::Result<()> {
        self.family = name;
        let kind = match kind {
            Type::Gauge => "gauge",
            Type::Counter => "counter",
            Type::Summary => "summary",
        };
        writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}")
    }

    /// A sample of the family.
    pub fn sample(&mut self, labels: Labels, value: impl Number) -> io::Result<()> {
        self.out.write_all(self.family.as_bytes())?;
        write_labels(self.out, labels)?;
        self.value(value)
    }

    /// The sum or the count of a summary.
    pub fn part(&mut self, suffix: &str, value: impl Number) -> io::Result<()> {
        write!(self.out, "{}{suffix}", self.family)?;
        self.value(value)
    }

    /// A family of one sample without labels.
    pub fn single(
        &mut self,
        name: &'static str,
        kind: Type,
        help: &str,
        value: impl Number,
    ) -> io::Result<()> {
        self.family(name, kind, help)?;
        self.sample(&[], value)
    }

    fn value(&mut self, value: impl Number) -> io::Result<()> {
        match value.odd() {
            Some(odd) => writeln!(self.out, " {odd}"),
            None => writeln!(self.out, " {value}"),
        }
    }
}

/// Writes labels in their braces; nothing if there are none. Characters that have no place in a label (`NUL`, the
/// bell) become their pictures.
pub fn write_labels(out: &mut impl Write, labels: Labels) -> io::Result<()> {
    let mut before = b'{';
    for (name, value) in labels {
        out.write_all(&[before])?;
        before = b',';
        write!(out, "{name}=\"")?;
        let mut rest = *value;
        while let Some(at) = rest.find(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
            let (plain, special) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut characters = special.chars();
            match characters.next() {
                Some('\n') => out.write_all(b"\\n")?,
                Some(c @ ('"' | '\\')) => write!(out, "\\{c}")?,
                Some(c) => write!(out, "{}", picture(c))?,
                None => {}
            }
            rest = characters.as_str();
        }
        out.write_all(rest.as_bytes())?;
        out.write_all(b"\"")?;
    }
    if !labels.is_empty() {
        out.write_all(b"}")?;
    }
    Ok(())
}

/// The picture of a control character.
fn picture(control: char) -> char {
    let place = match u32::from(control) {
        c @ 0..=0x1f => 0x2400 + c,
        0x7f => 0x2421,
        _ => 0xfffd,
    };
    char::from_u32(place).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// A value of a sample.
pub trait Number: Display + Copy {
    /// The text of a value that is no number or infinite.
    fn odd(self) -> Option<&'static str> {
        None
    }
}

impl Number for u8 {}
impl Number for i32 {}
impl Number for u64 {}
impl Number for usize {}

impl Number for f32 {
    fn odd(self) -> Option<&'static str> {
        f64::from(self).odd()
    }
}

impl Number for f64 {
    fn odd(self) -> Option<&'static str> {
        if self.is_nan() {
            Some("NaN")
        } else if self.is_infinite() {
            Some(if self > 0.0 { "+Inf" } else { "-Inf" })
        } else {
            None
        }
    }
}
