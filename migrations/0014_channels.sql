-- How far each channel beside mail has heard: the number of the last line of the audit that it was told of, and what went
-- wrong since.
CREATE TABLE channels (
    name TEXT PRIMARY KEY,
    heard_seq BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    retry_at_ms BIGINT NOT NULL,
    last_error TEXT
);
