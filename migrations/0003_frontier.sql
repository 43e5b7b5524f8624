-- Addresses that visits still have to ask for, so that a visit that breaks off goes on where it was. What has been asked for
-- stays as a hash, with what it turned out to be, until its visit ends.
CREATE TABLE frontier (
    source_id TEXT NOT NULL,
    url_hash TEXT NOT NULL,
    id TEXT NOT NULL,
    url TEXT NOT NULL,
    entry TEXT NOT NULL,
    page BIGINT NOT NULL,
    term TEXT NOT NULL,
    state TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (source_id, url_hash)
);
CREATE INDEX frontier_by_time ON frontier (at_ms);
