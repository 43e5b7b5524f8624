//! How right the detectors are on a labelled set, judged by the same code as `check` and `identify`.

mod score;
mod set;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub use crate::pipeline::accuracy::score::{Score, Tally};

/// What a set asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Which brand an account's name flies, if any: `brands.jsonl`, `names.jsonl`.
    Names,
    /// Whether a domain flies a listed Latin brand: `brands.json`, `domains.tsv`.
    Domains,
    /// Whose account it may be: `company.json`, `directory.tsv`, `accounts.jsonl`.
    People,
    /// Which protected documents a post repeats: `protected.jsonl`, `posts.jsonl`.
    Passages,
    /// Which brand a picture shows, if any: `brands.tsv`, `labels.tsv`, `refs/`, `queries/`.
    Logos,
}

/// A set that cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The folder is no set.
    #[error(
        "{} holds no labelled set: names.jsonl, domains.tsv, accounts.jsonl, protected.jsonl or labels.tsv is missing",
        .0.display()
    )]
    NoSet(PathBuf),
    /// A file cannot be read.
    #[error("{} cannot be read", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A row is not of the form of the set.
    #[error("{} row {row}: {problem}", .file.display())]
    Row {
        /// The file.
        file: PathBuf,
        /// Its row, from 1.
        row: usize,
        /// What is wrong.
        problem: String,
    },
}

/// One question of a set with its true and its given answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// Identifier of the row.
    pub id: String,
    /// True labels; none where nothing is to be found.
    pub truth: BTreeSet<String>,
    /// What was said, each with how sure it was where that was said.
    pub said: Vec<(String, Option<Certainty>)>,
    /// Kind of the row, by which it is counted apart.
    pub kind: String,
}

/// How sure an answer is, 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certainty {
    /// As the evidence has it.
    pub likelihood: f64,
    /// As shown: the policy's caps keep it lower.
    pub shown: f64,
}

/// Answers to all questions of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// What was asked.
    pub task: Task,
    /// The answers, in the order of the set.
    pub answers: Vec<Answered>,
}

/// Answers every question of the set in a folder.
///
/// # Errors
/// [`SetError`] with file and row; a set is answered whole or not at all.
pub fn measure(folder: &Path) -> Result<Measured, SetError> {
    let has = |name: &str| folder.join(name).is_file();
    let (task, answers) = match () {
        () if has("names.jsonl") => (Task::Names, set::names(folder)?),
        () if has("domains.tsv") => (Task::Domains, set::domains(folder)?),
        () if has("accounts.jsonl") => (Task::People, set::people(folder)?),
        () if has("labels.tsv") => (Task::Logos, set::logos(folder)?),
        () if has("protected.jsonl") => (Task::Passages, set::passages(folder)?),
        () => return Err(SetError::NoSet(folder.to_owned())),
    };
    Ok(Measured { task, answers })
}

impl Measured {
    /// The answers counted.
    pub fn score(&self) -> Score {
        Score::of(&self.answers)
    }

    /// One prediction a row: `{"id","labels"}`, for people with `"scores"`, for logos `{"file","brand"}`.
    pub fn predictions(&self) -> impl Iterator<Item = Value> {
        self.answers.iter().map(|answer| {
            let labels: Vec<&str> = answer.said.iter().map(|(label, _)| label.as_str()).collect();
            match self.task {
                Task::Logos => json!({"file": answer.id, "brand": labels.first()}),
                Task::People => {
                    let scores: Vec<Option<f64>> = answer.said.iter().map(|(_, sure)| sure.map(|s| s.shown)).collect();
                    json!({"id": answer.id, "labels": labels, "scores": scores})
                }
                Task::Names | Task::Domains | Task::Passages => json!({"id": answer.id, "labels": labels}),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SetError, Task, measure};

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        folder
    }

    #[test]
    fn names_are_answered_with_the_brands_that_they_fly() {
        let set = folder(&[
            ("brands.jsonl", "{\"id\":\"b1\",\"zh\":\"星河科技\",\"latin\":[\"Xinghe\"]}\n"),
            (
                "names.jsonl",
                "{\"id\":\"1\",\"name\":\"星*河科技客服\",\"labels\":[\"b1\"],\"kind\":\"insert\",\"slice\":\"generated\"}\n\
                 {\"id\":\"2\",\"name\":\"花猫\",\"labels\":[],\"kind\":\"real\",\"slice\":\"real_other\"}\n",
            ),
        ]);
        let measured = measure(set.path()).unwrap();
        let score = measured.score();
        assert_eq!((measured.task, score.whole.hits, score.whole.wrong, score.whole.missed), (Task::Names, 1, 0, 0));
        assert_eq!((score.by_kind["insert"].hits, score.real), (1, Some((0, 1))));
        let predictions: Vec<String> = measured.predictions().map(|one| one.to_string()).collect();
        assert_eq!(predictions, [r#"{"id":"1","labels":["b1"]}"#, r#"{"id":"2","labels":[]}"#]);
    }

    #[test]
    fn people_are_answered_with_candidates_and_how_sure_they_are() {
        let set = folder(&[
            ("company.json", "{\"company\":\"星河科技\",\"aliases\":[\"星河\"]}"),
            ("directory.tsv", "id\tname\ten\tdept\tcity\nE1\t林知夏\t\t研发部\t滨城\nE2\t周行简\t\t客服部\t滨城\n"),
            (
                "accounts.jsonl",
                "{\"id\":\"1\",\"display\":\"星河林知夏\",\"bio\":\"研发部\",\"location\":\"\",\"labels\":[\"E1\"],\"kind\":\"name\"}\n",
            ),
        ]);
        let measured = measure(set.path()).unwrap();
        assert_eq!(measured.answers[0].said[0].0, "E1");
        let score = measured.score();
        for error in [score.calibration_error, score.shown_calibration_error] {
            assert!(error.is_some_and(|error| (0.0..1.0).contains(&error)));
        }
    }

    #[test]
    fn a_row_of_another_form_is_named_by_file_and_row() {
        let set = folder(&[("brands.jsonl", ""), ("names.jsonl", "{\"id\":\"1\"}\n")]);
        let error = measure(set.path()).unwrap_err().to_string();
        assert!(error.contains("names.jsonl row 1") && error.contains("name"), "{error}");
        assert!(matches!(measure(folder(&[]).path()), Err(SetError::NoSet(_))));
    }
}
