//! Detectors: one text, many views; findings with reasons.
