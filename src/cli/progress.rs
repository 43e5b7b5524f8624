//! Progress of a scan on standard error: bars on a terminal, plain lines elsewhere.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::model::capture::Verdict;
use crate::model::ids::SourceId;
use crate::pipeline::progress::{Event, Listener};

/// A listener that fits standard error.
pub(crate) fn listener() -> Listener {
    if std::io::stderr().is_terminal() { bars() } else { lines() }
}

fn lines() -> Listener {
    Arc::new(|event| match event {
        Event::Visiting { source } => eprintln!("{source}: visiting"),
        Event::Page { .. } => {}
        Event::Visited { source, verdict, pages } => eprintln!("{source}: {} after {pages} pages", word(&verdict)),
        Event::Judged { source, subjects, asking } => {
            eprintln!("{source}: {subjects} subjects, {asking} ask for attention")
        }
    })
}

fn bars() -> Listener {
    let (all, bars) = (MultiProgress::new(), Mutex::new(HashMap::<SourceId, ProgressBar>::new()));
    Arc::new(move |event| {
        let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Visiting { source } => {
                let bar = all.add(ProgressBar::new(1).with_style(style()).with_prefix(source.to_string()));
                bars.insert(source, bar);
            }
            Event::Page { source, pages, waiting } => {
                if let Some(bar) = bars.get(&source) {
                    bar.set_length(u64::from(pages) + waiting as u64);
                    bar.set_position(u64::from(pages));
                }
            }
            Event::Visited { source, verdict, .. } => {
                if let Some(bar) = bars.get(&source) {
                    bar.finish_with_message(word(&verdict));
                }
            }
            Event::Judged { source, subjects, asking } => {
                if let Some(bar) = bars.remove(&source) {
                    bar.finish_with_message(format!("{subjects} subjects, {asking} ask for attention"));
                }
            }
        }
    })
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{prefix:>10} [{bar:24}] {pos}/{len} pages {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Found => "found".to_owned(),
        Verdict::Empty => "empty".to_owned(),
        Verdict::Blocked { reason } => format!("blocked ({reason})"),
    }
}
