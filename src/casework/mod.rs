//! Judgement: findings, candidates and ledgers become one outcome, a lane and a case.

pub mod account;
pub mod batch;
pub mod calibration;
pub mod lane;
pub mod post;
pub mod recheck;
pub mod standing;
pub mod told;
pub mod transition;
pub mod world;
