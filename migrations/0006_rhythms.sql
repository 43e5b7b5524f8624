-- How often lists change, so that one that rarely does is asked less often. Of the address only the hash is kept.
CREATE TABLE rhythms (
    url_hash TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    digest TEXT NOT NULL,
    looks BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    first_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL
);
CREATE INDEX rhythms_by_time ON rhythms (last_at_ms);
