//! The fictional group: its platforms served on loopback.
