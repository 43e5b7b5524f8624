-- Several processes on one database. Portable like 0001; BYTEA holds the vault where it lies in the database.

CREATE TABLE objects (
    sha256 TEXT PRIMARY KEY,
    sealed BOOLEAN NOT NULL,
    bytes BYTEA NOT NULL
);

-- Programs that know no schema from this number on are too old for the database. A migration that takes something away
-- raises it; one that only adds leaves it, so that older programs work on while an upgrade is under way.
CREATE TABLE compatibility (
    oldest_schema BIGINT NOT NULL
);
INSERT INTO compatibility (oldest_schema) VALUES (2);
