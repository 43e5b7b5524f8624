-- Platform files and sources that were added in the console, every state of each; the one of the highest version counts.
CREATE TABLE added_files (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    removed BOOLEAN NOT NULL,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, name, version)
);
