//! Judgement: findings, candidates and ledgers become one outcome, a lane and a case.

pub mod account;
pub mod batch;
pub mod calendar;
pub mod calibration;
pub mod escalate;
pub mod lane;
pub mod post;
pub mod recheck;
pub mod rights;
pub mod standing;
pub mod told;
pub mod transition;
pub mod voice;
pub mod words;
pub mod world;
