//! Judgement: findings, candidates and ledgers become one outcome, a lane and a case.

pub mod transition;
