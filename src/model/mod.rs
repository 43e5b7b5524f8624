//! Floor 0: the words of the house as types. No behaviour beyond what keeps a value valid.

pub mod account;
pub mod alert;
pub mod audit;
pub mod calendar;
pub mod capture;
pub mod case;
pub mod company;
pub mod exemption;
pub mod exemption_request;
pub mod finding;
pub mod fingerprint;
pub mod group;
pub mod ids;
pub mod month;
pub mod note;
pub mod person;
pub mod record;
pub mod request;
pub mod saved_view;
pub mod self_inspection;
pub mod source;
pub mod term;
pub mod time;
pub mod topic_change;
pub mod unlinking;
pub mod user;
