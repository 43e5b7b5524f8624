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

-- Processes that visit and send. `beat` rises while one lives; one that is found lost is ended, and writes no more.
CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    may_do TEXT NOT NULL,
    beat BIGINT NOT NULL,
    started_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    ended_why TEXT
);
CREATE INDEX workers_by_end ON workers (ended_at_ms);

-- Who visits a host. A host is free when nobody holds it, or whoever holds it has ended.
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,
    worker_id TEXT REFERENCES workers (id),
    source_id TEXT,
    held_since_ms BIGINT,
    promised_ms BIGINT NOT NULL,
    closed_until_ms BIGINT NOT NULL
);
CREATE INDEX hosts_by_worker ON hosts (worker_id);

-- Files of the installation for machines that share nothing but the database.
CREATE TABLE shared_files (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    at_ms BIGINT NOT NULL
);

-- What was erased because its time was over: counts only, one row for each run and rule.
CREATE TABLE retention_receipts (
    run_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    before_ms BIGINT NOT NULL,
    erased BIGINT NOT NULL,
    cases BIGINT NOT NULL,
    objects BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (run_id, rule)
);
CREATE INDEX retention_receipts_by_time ON retention_receipts (at_ms);

-- Cases that are kept for a dispute, whatever their time.
CREATE TABLE legal_holds (
    case_id TEXT PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    actor TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);

-- Decisions of cases that are erased, by hashes, so that what was decided does not come back. An empty fingerprint
-- stands for every finding of the account under the clause.
CREATE TABLE decided_findings (
    account_key TEXT NOT NULL,
    clause TEXT NOT NULL,
    lane_class TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    disposition TEXT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    PRIMARY KEY (account_key, clause, lane_class, fingerprint)
);
CREATE INDEX decided_findings_by_sight ON decided_findings (last_seen_ms);

CREATE INDEX cases_by_change ON cases (state, updated_at_ms, id);
CREATE INDEX case_subjects_by_subject ON case_subjects (subject_key);
CREATE INDEX subjects_by_sight ON subjects (last_seen_ms, subject_key);
