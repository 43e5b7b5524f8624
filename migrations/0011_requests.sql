-- What people ask about their own data. `asked` and `answer` are sealed where there is a key; an outsider's are never written
-- without one.
CREATE TABLE rights_requests (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    asked TEXT NOT NULL,
    asked_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    answer TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    answered_at_ms BIGINT
);
CREATE INDEX rights_requests_by_due ON rights_requests (state, due_at_ms, id);

-- Cases that an objection locked.
CREATE TABLE request_cases (
    request_id TEXT NOT NULL REFERENCES rights_requests (id) ON DELETE CASCADE,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    PRIMARY KEY (request_id, case_id)
);
CREATE INDEX request_cases_by_case ON request_cases (case_id);

-- Accounts that are not somebody's. `account_key` is a hash of platform and handle; `cause` is the objection or case that says so.
CREATE TABLE unlinkings (
    account_key TEXT NOT NULL,
    employee_id TEXT NOT NULL,
    cause TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (account_key, employee_id, cause)
);
CREATE INDEX unlinkings_by_cause ON unlinkings (cause);

-- What employees were told of the program, by the hash of its text.
CREATE TABLE notices (
    version BIGINT PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    text_zh TEXT NOT NULL,
    text_en TEXT NOT NULL,
    issued_by TEXT NOT NULL,
    issued_at_ms BIGINT NOT NULL
);

-- Remarks on a case and what became of a complaint; never changed, and erased with the case.
CREATE TABLE case_notes (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    sealed BOOLEAN NOT NULL,
    words TEXT NOT NULL
);
CREATE INDEX case_notes_by_case ON case_notes (case_id, id);

-- Applications for an exemption, until the permission stands in its ledger. `application` is sealed where there is a key.
CREATE TABLE exemption_requests (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    company TEXT NOT NULL,
    employee_id TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    application TEXT NOT NULL,
    filed_by TEXT NOT NULL,
    filed_at_ms BIGINT NOT NULL,
    checked_by TEXT NOT NULL,
    checked_at_ms BIGINT,
    decided_by TEXT NOT NULL,
    decided_at_ms BIGINT,
    reason TEXT NOT NULL,
    exemption TEXT NOT NULL
);
CREATE INDEX exemption_requests_by_state ON exemption_requests (state, company, id);
