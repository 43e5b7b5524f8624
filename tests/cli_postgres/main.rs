//! The command line on a database server: the casework of `tests/cli` there, and an installation that moves there and back and
//! survives its loss.

#[path = "../cli/casework.rs"]
mod casework;
#[path = "../cli/house.rs"]
mod house;
mod moves;
#[path = "../support/postgres.rs"]
mod postgres;

const IS_ON_SERVER: bool = true;
