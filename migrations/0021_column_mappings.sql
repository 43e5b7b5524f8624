-- Which headers of a foreign file meant which columns of a ledger when somebody last brought one in.
CREATE TABLE column_mappings (
    ledger TEXT PRIMARY KEY,
    headers TEXT NOT NULL,
    saved_at_ms BIGINT NOT NULL
);
