//! Platforms as data: definitions, extraction, verdicts.
