//! Stage `stack`: the deepest stack that a program's calls can reach, from its machine code, against the painted one.
//!
//! Painting finds the depth that was reached; another input may reach further. The bound adds, along every path of
//! calls, all bytes that a function's code pushes or subtracts. It is at least the depth of any input, provided that
//! all calls are direct and none is recursive; both are checked.

mod thumb;

use crate::shell::root;
use crate::stages::{Context, Outcome};
use anyhow::{Context as _, bail, ensure};
use bellwether_sim::board::BOARDS;
use bellwether_sim::cost::Figures;
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The program, the function below which its stack is painted, and the function that paints.
const PROGRAM: &str = "cost-sentinel";
const BELOW: &str = "4deep";
const PAINTER: &str = "7used_by";

/// Bounds of the sentinel's rows on the boards with committed costs.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let firmware = context.firmware()?;
    let costs = fs::read_to_string(root().join("tests/expect/costs.txt"))?;
    let costs = Figures::parse(&costs)?;
    for board in &BOARDS {
        let program = Program::read(&firmware.program(board, PROGRAM, &[])?)?;
        let (bound, path) = program.bound(BELOW)?;
        let painted = format!("{}.fast.detector.sentinel-default.stack", board.name);
        let painted = *costs.numbers.get(&painted).context(painted)?;
        // The painter's own frame lies between the mark and the first call.
        let reachable = u64::from(bound + program.frame(PAINTER)?);
        let path = path.join(" > ");
        println!(
            "{}: {painted} bytes painted, {reachable} at most: {path}",
            board.name
        );
        ensure!(
            (painted..=painted * 5 / 4).contains(&reachable),
            "{}: the painted depth is above the bound, or less than four fifths of it",
            board.name
        );
    }
    Ok(Outcome::Done)
}

/// A function of a program.
#[derive(Debug, Default)]
struct Function {
    name: String,
    /// Bytes that its own code takes from the stack.
    frame: u32,
    /// Addresses of functions that it calls.
    calls: Vec<u32>,
    /// Addresses of calls through a register.
    indirect: Vec<u32>,
}

/// The functions of a program by their addresses.
#[derive(Debug)]
struct Program(BTreeMap<u32, Function>);

impl Program {
    /// Decodes the functions of an ELF file.
    fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        let file = object::File::parse(&*bytes)?;
        // Where constants begin ($d) and code goes on ($t).
        let mut marks: Vec<(u32, bool)> = Vec::new();
        let mut symbols = BTreeMap::new();
        for symbol in file.symbols() {
            let (name, address) = (symbol.name().unwrap_or_default(), symbol.address() as u32);
            if name.starts_with("$d") || name.starts_with("$t") {
                marks.push((address, name.starts_with("$t")));
            } else if symbol.kind() == SymbolKind::Text && symbol.size() > 0 {
                symbols.insert(address & !1, (name.to_owned(), symbol.size() as u32));
            }
        }
        marks.sort_unstable();
        let is_code = |address: u32| {
            let before = marks.partition_point(|(mark, _)| *mark <= address);
            before.checked_sub(1).is_none_or(|k| marks[k].1)
        };
        let mut functions = BTreeMap::new();
        for (address, (name, size)) in symbols {
            let section = file.sections().find(|section| {
                let start = section.address() as u32;
                (start..start + section.size() as u32).contains(&address)
            });
            let Some(section) = section else { continue };
            let data = section.data()?;
            let from = address - section.address() as u32;
            let code = data.get(from as usize..(from + size) as usize);
            let code = code.with_context(|| format!("{name} ends outside its section"))?;
            functions.insert(address, thumb::function(name, address, code, &is_code));
        }
        Ok(Self(functions))
    }

    /// The address of the only function whose name has this part.
    fn address(&self, part: &str) -> anyhow::Result<u32> {
        let mut found = self
            .0
            .iter()
            .filter(|(_, function)| function.name.contains(part));
        match (found.next(), found.next()) {
            (Some((address, _)), None) => Ok(*address),
            (None, _) => bail!("no function {part}"),
            (_, Some((_, other))) => bail!("several functions {part}: {}", other.name),
        }
    }

    /// Bytes that a function's own code takes.
    fn frame(&self, part: &str) -> anyhow::Result<u32> {
        Ok(self.0[&self.address(part)?].frame)
    }

    /// Bytes that a function and its callees take at most, and the path with this depth.
    fn bound(&self, part: &str) -> anyhow::Result<(u32, Vec<String>)> {
        let (mut done, mut open) = (BTreeMap::new(), Vec::new());
        let first = self.address(part)?;
        let bound = self.deepest(first, &mut done, &mut open)?;
        let mut path = Vec::new();
        let mut next = Some(first);
        while let Some(address) = next {
            path.push(format!(
                "{} {}",
                short(&self.0[&address].name),
                self.0[&address].frame
            ));
            next = done[&address].1;
        }
        Ok((bound, path))
    }

    /// The bound of one function, by those of its callees. `open` are its callers.
    fn deepest(
        &self,
        address: u32,
        done: &mut BTreeMap<u32, (u32, Option<u32>)>,
        open: &mut Vec<u32>,
    ) -> anyhow::Result<u32> {
        if let Some((bound, _)) = done.get(&address) {
            return Ok(*bound);
        }
        let Some(function) = self.0.get(&address) else {
            bail!("a call leads to {address:#x}, where no function begins")
        };
        ensure!(!open.contains(&address), "{} is recursive", function.name);
        ensure!(
            function.indirect.is_empty(),
            "{} calls through a register at {:x?}",
            function.name,
            function.indirect
        );
        open.push(address);
        let mut most = (0, None);
        for callee in &function.calls {
            let bound = self.deepest(*callee, done, open)?;
            if bound > most.0 {
                most = (bound, Some(*callee));
            }
        }
        open.pop();
        let bound = function.frame + most.0;
        done.insert(address, (bound, most.1));
        Ok(bound)
    }
}

/// The last parts of a mangled name.
fn short(name: &str) -> &str {
    let end = name.rfind("17h").unwrap_or(name.len());
    let start = end.saturating_sub(40);
    name.get(start..end).unwrap_or(name)
}
