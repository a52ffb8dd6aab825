//! Tools that answer, hang, write too much, and refuse to die.

use super::{Stream, Tool, ToolError};
use core::time::Duration;
use std::borrow::ToOwned;
use std::path::Path;
use std::string::{String, ToString};
use std::time::Instant;
use std::vec::Vec;
use std::{format, fs, thread, vec};

const LONG: Duration = Duration::from_secs(60);

fn shell(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(ToOwned::to_owned).into()
}

fn runs(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    stat.is_ok_and(|stat| !stat.contains(") Z"))
}

#[test]
fn a_tool_is_read_to_its_end() {
    // Broken if output is cut, or waits for a tool that is done.
    let mut tool = Tool::new(shell("printf abc; sleep 0.1; printf def"), LONG);
    assert_eq!(tool.output().unwrap(), b"abcdef");
    assert_eq!(tool.output().unwrap(), b"abcdef");
    let mut silent = Tool::new(shell("exit 1"), LONG);
    assert!(matches!(silent.output(), Err(ToolError::Empty)));
    for command in [vec!["/no/such/tool".to_owned()], Vec::new()] {
        assert!(matches!(
            Tool::new(command, LONG).output(),
            Err(ToolError::Io(_))
        ));
    }
}

#[test]
fn a_late_tool_dies_with_all_that_it_started() {
    // Broken if processes pile up behind a controller that does not answer.
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let script = format!(
        "sleep 300 & echo $! > {0}; echo $$ >> {0}; wait",
        pids.display()
    );
    let mut tool = Tool::new(shell(&script), Duration::from_secs(2));
    let start = Instant::now();
    assert!(matches!(tool.output(), Err(ToolError::Late)));
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    let pids = fs::read_to_string(&pids).unwrap();
    assert_eq!(pids.lines().count(), 2);
    for pid in pids.lines() {
        let gone = (0..500).any(|_| {
            thread::sleep(Duration::from_millis(10));
            !runs(pid)
        });
        assert!(gone, "{pid} is still there");
    }
}

#[test]
fn an_endless_output_ends_the_tool() {
    // Broken if a tool can fill the agent's memory.
    let mut tool = Tool::new(vec!["yes".to_owned()], LONG);
    assert!(matches!(tool.output(), Err(ToolError::Long)));
    let mut stream = Stream::new(shell("tr '\\0' x < /dev/zero"));
    let end = (0..1000).find_map(|_| stream.lines(LONG, |_| {}).err());
    assert!(matches!(end, Some(ToolError::Long)));
}

#[test]
fn a_stream_gives_whole_lines_and_starts_again() {
    // Broken if a line is torn, or a tool that ends at once is started again and again.
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let script = format!(
        "echo x >> {}; printf 'one\\ntw'; sleep 0.2; printf 'o\\n'",
        count.display()
    );
    let mut stream = Stream::new(shell(&script));
    let mut lines = Vec::new();
    let end = (0..1000).find_map(|_| {
        let take = |line: &[u8]| lines.push(String::from_utf8_lossy(line).to_string());
        stream.lines(LONG, take).err()
    });
    assert!(matches!(end, Some(ToolError::Empty)));
    lines.retain(|line| !line.is_empty());
    assert_eq!(lines, ["one", "two"]);
    for _ in 0..100 {
        assert!(stream.lines(Duration::ZERO, |_| {}).is_err());
    }
    assert_eq!(started(&count), 1);
    let again = (0..3000).any(|_| {
        thread::sleep(Duration::from_millis(10));
        stream.lines(Duration::ZERO, |_| {}).is_ok()
    });
    assert!(again);
}

fn started(count: &Path) -> usize {
    fs::read_to_string(count).unwrap().lines().count()
}
