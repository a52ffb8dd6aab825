//! The device as its records describe it, and the output that follows from them.

use super::Args;
use crate::board::receiver::{Greeting, Readings, Received};
use crate::board::summary;
use crate::detect::{Entry, Limit, Profile, Record, Setup, Watch};
use crate::output::Writer;
use crate::output::file::create;
use crate::recording::recorder::Recorder;
use anyhow::ensure;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Model, Reading};
use jiff::{Timestamp, Unit};
use std::fs::File;
use std::io::{BufWriter, Write};

/// The limit of a detector that only its own firmware knows.
const SCORE: Limit = Limit {
    measure: "score",
    threshold: f32::NAN,
    moves: true,
};

/// A device, and the output about it.
pub struct Device<'a, 'm, W> {
    args: &'a Args,
    model: Option<Model<'m>>,
    greeting: Option<Greeting>,
    /// Standard output, until the first answer shows its form.
    out: Option<W>,
    printer: Option<Printer<'m, W>>,
    recorder: Option<Recorder<BufWriter<File>>>,
    answers: u64,
    frames: u64,
    starts: u64,
}

/// The way from a device's answers to lines.
struct Printer<'m, W> {
    /// `None` for a detector that is not in the registry.
    watch: Option<Box<dyn Watch + 'm>>,
    writer: Writer<W>,
}

impl<'a, 'm, W: Write> Device<'a, 'm, W> {
    /// A device of which nothing is known yet.
    pub fn new(args: &'a Args, model: Option<Model<'m>>, out: W) -> Self {
        Self {
            args,
            model,
            greeting: None,
            out: Some(out),
            printer: None,
            recorder: None,
            answers: 0,
            frames: 0,
            starts: 0,
        }
    }

    /// Takes a part of the stream.
    ///
    /// # Errors
    /// It contradicts the arguments, or the output cannot be written.
    pub fn take(&mut self, received: Received, log: &mut impl Write) -> anyhow::Result<()> {
        match received {
            Received::Greeting(greeting) => self.greet(greeting, log),
            Received::Frame(record) => self.answer(record, 0, log),
            Received::Assessed(record, reason) => self.answer(record, reason, log),
            Received::Readings(readings) => self.record(&readings),
            Received::Summary(of) => {
                let words = summary::words(&of);
                Ok(writeln!(log, "{}: {words}", self.args.input.display())?)
            }
        }
    }

    fn greet(&mut self, greeting: Greeting, log: &mut impl Write) -> anyhow::Result<()> {
        self.starts += 1;
        let Greeting {
            detector,
            variables,
            warm_up,
            state_bytes,
            ..
        } = greeting;
        writeln!(
            log,
            "{}: {detector}, {variables} variables, {warm_up} frames of warm-up, {state_bytes} bytes of state",
            self.args.input.display()
        )?;
        self.fits(variables.into())?;
        let before = self.greeting.replace(greeting);
        let same = |of: &Greeting| (of.detector, of.variables) == (detector, variables);
        ensure!(
            before.as_ref().is_none_or(same),
            "the device started anew with another detector; listen to it afresh"
        );
        Ok(())
    }

    fn answer(&mut self, record: Record, reason: u8, log: &mut impl Write) -> anyhow::Result<()> {
        self.answers += 1;
        if let Some(out) = self.out.take() {
            self.printer = Some(self.printer(&record, out, log)?);
        }
        let Some(Printer { watch, writer }) = &mut self.printer else {
            return Ok(());
        };
        let stamp = stamp(self.args, record.tick);
        let record = match watch {
            Some(watch) => watch.of_device(record, reason),
            None if record.lanes.is_empty() => record.by_score(&SCORE),
            None => record,
        };
        writer.write(&record, &stamp)
    }

    /// The printer for answers like this one.
    fn printer(
        &self,
        record: &Record,
        out: W,
        log: &mut impl Write,
    ) -> anyhow::Result<Printer<'m, W>> {
        let greeted = self.greeting.as_ref().map(|of| of.detector);
        let greeted = greeted
            .as_ref()
            .and_then(|name| Entry::named(name.as_str()).ok());
        let entry = self.args.detector.or(greeted);
        let entry = entry.filter(|entry| entry.needs_model == self.model.is_some());
        let variables = self.greeting.as_ref().map(|of| of.variables.into());
        let names = self.names(variables.unwrap_or(MAX_VARIABLES));
        let watch = entry.map(|entry| {
            entry.watch(&Setup {
                names: &names,
                settings: &self.settings(entry),
                model: self.model,
                fit: None,
            })
        });
        let watch = watch.transpose()?;
        if watch.is_none() {
            writeln!(
                log,
                "{}: the measures of its detector are not known; --detector and --model name them",
                self.args.input.display()
            )?;
        }
        let unknown = match record.lanes.is_empty() {
            true => Profile {
                names: names.clone(),
                limits: vec![SCORE],
                ..Profile::default()
            },
            false => Profile::of_lanes(&names, vec![f32::NAN; names.len()]),
        };
        let profile = watch.as_ref().map_or(&unknown, |watch| watch.profile());
        let writer = self.args.output.open(&self.args.input, profile, out)?;
        Ok(Printer { watch, writer })
    }

    /// The sizes in the greeting, as settings that the detector has.
    fn settings(&self, entry: &Entry) -> Vec<String> {
        let sizes = self.greeting.as_ref().map_or([0; 3], |of| of.sizes);
        let of_device = [
            ("window", sizes[0].to_string()),
            ("history", sizes[1].to_string()),
            ("fit", "device".to_owned()),
        ];
        let known = of_device
            .into_iter()
            .filter(|(key, value)| entry.has(key) && value != "0");
        known.map(|(key, value)| format!("{key}={value}")).collect()
    }

    fn record(&mut self, readings: &Readings) -> anyhow::Result<()> {
        self.frames += 1;
        let variables = readings.values.len();
        if self.recorder.is_none() {
            self.fits(variables)?;
            let file = self.args.record.as_deref();
            let file = file
                .map(|path| create(path, &self.args.input))
                .transpose()?;
            let names = self.names(variables);
            self.recorder = file
                .map(|file| Recorder::unlabelled(file, &names))
                .transpose()?;
        }
        let stamp = stamp(self.args, readings.tick);
        let Some(recorder) = &mut self.recorder else {
            return Ok(());
        };
        recorder.write(&stamp, readings.values.iter().map(Reading::from), false)
    }

    /// As many names as variables.
    fn names(&self, variables: usize) -> Vec<String> {
        match (&self.model, self.args.names.as_slice()) {
            (Some(model), []) => model.features().map(|of| of.name.to_owned()).collect(),
            (None, []) => (1..=variables).map(|k| format!("column{k}")).collect(),
            (_, names) => names.to_vec(),
        }
    }

    /// Whether the names fit the device's variables.
    fn fits(&self, variables: usize) -> anyhow::Result<()> {
        let names = self.names(variables).len();
        ensure!(
            names == variables,
            "{names} names, but the device has {variables} variables"
        );
        Ok(())
    }

    /// Writes what is complete so far.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        if let Some(printer) = &mut self.printer {
            printer.writer.flush()?;
        }
        self.recorder.as_mut().map_or(Ok(()), Recorder::flush)
    }

    /// Writes the rest, and says in words what was received.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> anyhow::Result<String> {
        if let Some(printer) = self.printer {
            printer.writer.finish()?;
        }
        if let Some(recorder) = self.recorder {
            recorder.finish()?;
        }
        let Self {
            answers,
            frames,
            starts,
            ..
        } = self;
        Ok(format!(
            "{starts} starts, {answers} answers, {frames} frames of readings"
        ))
    }
}

/// The tick, or the time of arrival.
fn stamp(args: &Args, tick: u64) -> String {
    let now = || Timestamp::now().round(Unit::Millisecond).ok();
    let now = args.clock.then(now).flatten();
    now.map_or_else(|| tick.to_string(), |now| now.to_string())
}
