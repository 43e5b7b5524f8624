//! Judgement: findings, candidates and ledgers become one outcome, a lane and a case.

pub mod account;
pub mod answer;
pub mod application;
pub mod batch;
pub mod blocked;
pub mod calendar;
pub mod calibration;
pub mod complaint;
pub mod escalate;
pub mod inquiry;
pub mod keys;
pub mod lane;
pub mod notice;
pub mod post;
pub mod recheck;
pub mod repost;
pub mod rights;
pub mod silence;
pub mod standing;
pub mod told;
pub mod transition;
pub mod unlinking;
pub mod voice;
pub mod words;
pub mod world;
