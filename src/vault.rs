//! Stored bytes, content-addressed and compressed.
