-- What each source answered to the query whose answer is known.
CREATE TABLE canaries (
    source_id TEXT PRIMARY KEY,
    asked_at_ms BIGINT NOT NULL,
    contradiction TEXT NOT NULL,
    since_ms BIGINT NOT NULL
);
