//! The folder of ledgers: read whole, written atomically, every state kept as a version.
