//! Detectors: one text, many views; findings with reasons. Everything here is a pure function of its arguments.

pub mod avatar;
pub mod conduct;
pub mod context;
pub mod disclosure;
pub mod fingerprint;
pub mod leak;
mod leet;
pub mod lexicon;
pub mod name;
pub mod phash;
pub mod picture;
pub mod profile;
pub mod protect;
pub mod scan;
mod sound;
mod sounds;
pub mod speaker;
pub mod spill;
mod split;
mod substitute;
pub mod title;
mod typo;
pub mod usage;
pub mod watch;
