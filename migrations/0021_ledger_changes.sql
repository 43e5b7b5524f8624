-- Which headers of a foreign file meant which columns of a ledger when somebody last brought one in.
CREATE TABLE column_mappings (
    ledger TEXT PRIMARY KEY,
    headers TEXT NOT NULL,
    saved_at_ms BIGINT NOT NULL
);

-- Changes of the ledger of protected topics: proposed by one person, approved by another.
CREATE TABLE topic_changes (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    text TEXT NOT NULL,
    read_sha256 TEXT NOT NULL,
    diff TEXT NOT NULL,
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at_ms BIGINT,
    answer TEXT NOT NULL,
    version BIGINT
);
