//! Processor time and memory of a bench, as the system tells them.

use std::time::Instant;

/// What a piece of work gave, and the seconds of processor time that its thread took for it: what else runs on the machine
/// does not count. Seconds of the clock where the system does not tell.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let (before, start) = (processor_s(), Instant::now());
    let done = work();
    let clock = start.elapsed().as_secs_f64();
    (done, processor_s().zip(before).map_or(clock, |(after, before)| after - before))
}

fn processor_s() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

/// The largest resident set so far, where the system tells.
pub(crate) fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown".into(), |text| text.trim().to_owned())
}

/// The arguments, without those of cargo.
pub(crate) fn arguments() -> Vec<String> {
    std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect()
}

/// The argument at a place as a number; all there is where it is missing.
pub(crate) fn number(arguments: &[String], place: usize) -> usize {
    arguments.get(place).and_then(|argument| argument.parse().ok()).unwrap_or(usize::MAX)
}

/// The lines of a file of a folder.
pub(crate) fn lines(folder: &str, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(format!("{folder}/{file}")).expect("a readable file of the folder");
    text.lines().map(str::to_owned).collect()
}
