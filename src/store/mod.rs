//! The database: one file an entity, SQL as constants.
