//! What the mail server has delivered, counted by Message-ID.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;

use crate::mail_server::home;

/// How many letters lie in the mailbox under each Message-ID.
#[derive(Debug, Default)]
pub(crate) struct Mailbox {
    known: BTreeSet<PathBuf>,
    letters: BTreeMap<String, usize>,
}

impl Mailbox {
    /// Letters of that alert.
    pub(crate) fn count(&self, alert: &str) -> usize {
        self.letters.get(&format!("{alert}@xinghe.example")).copied().unwrap_or(0)
    }

    /// Waits until nothing is under way and all of these have arrived; after a minute it is as it is.
    pub(crate) fn wait_for(&mut self, alerts: &[String]) {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            // In this order: what left the queue before it was looked at lies in the mailbox.
            let is_idle = is_idle();
            self.read();
            if is_idle && alerts.iter().all(|alert| self.count(alert) > 0) {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Subject and text of the letter of that alert.
    pub(crate) fn letter(&self, alert: &str) -> (String, String) {
        let id = format!("{alert}@xinghe.example");
        let folders = ["new", "cur"].map(|folder| home().join("mail/vmail/analyst").join(folder));
        let letters = folders.iter().flat_map(|folder| files(folder)).filter_map(|file| std::fs::read(file).ok());
        let parsed = |bytes: Vec<u8>| {
            let letter = MessageParser::default().parse(&bytes)?;
            let text = letter.body_text(0)?.into_owned();
            (letter.message_id() == Some(id.as_str())).then(|| (letter.subject().unwrap_or_default().to_owned(), text))
        };
        letters.filter_map(parsed).next().expect("the letter is in the mailbox")
    }

    fn read(&mut self) {
        for folder in ["new", "cur"] {
            for file in files(&home().join("mail/vmail/analyst").join(folder)) {
                let Some(name) = file.file_name().map(PathBuf::from) else { continue };
                if self.known.contains(&name) {
                    continue;
                }
                let Ok(bytes) = std::fs::read(&file) else { continue };
                self.known.insert(name);
                let letter = MessageParser::default().parse_headers(&bytes).unwrap();
                *self.letters.entry(letter.message_id().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
}

/// Whether the server has nothing left to deliver.
fn is_idle() -> bool {
    let queues = ["maildrop", "incoming", "active", "deferred"];
    queues.into_iter().all(|queue| files(&home().join("mail/spool").join(queue)).is_empty())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
