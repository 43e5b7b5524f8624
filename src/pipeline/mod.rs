//! Use cases: read, decide, write once.
