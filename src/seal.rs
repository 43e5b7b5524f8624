//! Sealing of what is secret at rest.
