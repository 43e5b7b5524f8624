-- Portable between SQLite and PostgreSQL: TEXT ids made by the program, BIGINT milliseconds (UTC), no serials, no now(), no blobs.

CREATE TABLE scans (
    id TEXT PRIMARY KEY,
    started_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    summary TEXT NOT NULL
);

CREATE TABLE source_states (
    source_id TEXT PRIMARY KEY,
    last_visit_ms BIGINT,
    last_confirmed_ms BIGINT,
    verdict TEXT,
    failures BIGINT NOT NULL,
    breaker_until_ms BIGINT,
    day TEXT NOT NULL,
    pages_today BIGINT NOT NULL,
    paused BOOLEAN NOT NULL
);

-- Addresses appear only as hashes: pages without a finding are not kept.
CREATE TABLE pages (
    url_hash TEXT PRIMARY KEY,
    source_id TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    status BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    fetched_at_ms BIGINT NOT NULL,
    ledger_digest TEXT NOT NULL
);
CREATE INDEX pages_by_time ON pages (fetched_at_ms);

CREATE TABLE captures (
    id TEXT PRIMARY KEY,
    scan_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    entry TEXT NOT NULL,
    url TEXT NOT NULL,
    final_url TEXT NOT NULL,
    status BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    fetched_at_ms BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX captures_by_state ON captures (state, id);
CREATE INDEX captures_by_hash ON captures (sha256);

-- `subject_key` and `account_key` are hashes of platform, kind and handle or address.
CREATE TABLE subjects (
    subject_key TEXT PRIMARY KEY,
    account_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    facts TEXT NOT NULL,
    judgement_digest TEXT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL
);
CREATE INDEX subjects_by_account ON subjects (account_key);

CREATE TABLE outcomes (
    subject_key TEXT NOT NULL REFERENCES subjects (subject_key),
    scan_id TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    judged_at_ms BIGINT NOT NULL,
    digest TEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (subject_key, scan_id)
);
CREATE INDEX outcomes_by_scan ON outcomes (scan_id, id);

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    account_key TEXT NOT NULL,
    clause TEXT NOT NULL,
    lane_class TEXT NOT NULL,
    lane TEXT NOT NULL,
    outcome TEXT NOT NULL,
    notify TEXT NOT NULL,
    severity TEXT NOT NULL,
    gravity BIGINT NOT NULL,
    lead_subject TEXT NOT NULL,
    state TEXT NOT NULL,
    disposition TEXT,
    decided_by TEXT,
    state_since_ms BIGINT NOT NULL,
    reopened BIGINT NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    UNIQUE (account_key, clause, lane_class)
);
CREATE INDEX cases_by_state ON cases (state, lane, id);

CREATE TABLE case_subjects (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    subject_key TEXT NOT NULL REFERENCES subjects (subject_key),
    sealed BOOLEAN NOT NULL,
    judgement TEXT NOT NULL,
    lane TEXT NOT NULL,
    outcome TEXT NOT NULL,
    notify TEXT NOT NULL,
    severity TEXT NOT NULL,
    gravity BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    PRIMARY KEY (case_id, subject_key)
);

CREATE TABLE findings (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    rule TEXT NOT NULL,
    clause TEXT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    PRIMARY KEY (case_id, fingerprint)
);

-- Never filled for the leak lane: there, possible owners stand only inside the sealed judgement.
CREATE TABLE candidates (
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    employee_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    band TEXT NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (case_id, employee_id)
);

CREATE TABLE evidence (
    subject_key TEXT NOT NULL REFERENCES subjects (subject_key),
    capture_id TEXT NOT NULL REFERENCES captures (id),
    case_id TEXT REFERENCES cases (id),
    kept BOOLEAN NOT NULL,
    pinned_at_ms BIGINT NOT NULL,
    PRIMARY KEY (subject_key, capture_id)
);
CREATE INDEX evidence_by_case ON evidence (case_id);
CREATE INDEX evidence_by_capture ON evidence (capture_id);

-- The outbox.
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    idempotency_key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    recipient TEXT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    lease_owner TEXT,
    lease_until_ms BIGINT,
    handed_over BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    settled_at_ms BIGINT
);
CREATE INDEX alerts_by_due ON alerts (state, due_at_ms, id);

CREATE TABLE alert_cases (
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    PRIMARY KEY (alert_id, case_id)
);
CREATE INDEX alert_cases_by_case ON alert_cases (case_id);

CREATE TABLE topic_counts (
    month TEXT NOT NULL,
    topic_id TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (month, topic_id)
);

CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_by_object ON audit (object, id);

-- `content` is compressed bytes in hexadecimal, sealed when `sealed`; so is `diff` then.
CREATE TABLE ledger_versions (
    file TEXT NOT NULL,
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    author TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    sealed BOOLEAN NOT NULL,
    diff TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (file, version)
);

CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE chain (
    seq BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    job_key TEXT NOT NULL,
    host TEXT,
    run_at_ms BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_max BIGINT NOT NULL,
    state TEXT NOT NULL,
    lease_owner TEXT,
    lease_until_ms BIGINT,
    payload TEXT NOT NULL,
    last_error TEXT,
    created_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT
);
CREATE UNIQUE INDEX jobs_unfinished_key ON jobs (job_key) WHERE state IN ('available', 'running', 'retryable');
CREATE UNIQUE INDEX jobs_running_host ON jobs (host) WHERE state = 'running' AND host IS NOT NULL;
CREATE INDEX jobs_by_due ON jobs (state, run_at_ms, id);

-- The last slot of each schedule that was enqueued.
CREATE TABLE schedule_slots (
    schedule_id TEXT PRIMARY KEY,
    slot_at_ms BIGINT NOT NULL
);
