-- People who sign in to the console. `roles` are those that no ledger gives; the others follow managers.csv.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    employee_id TEXT NOT NULL,
    roles TEXT NOT NULL,
    language TEXT NOT NULL,
    password_hash TEXT,
    failures BIGINT NOT NULL,
    locked_until_ms BIGINT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- Only hashes of what stands in cookies and links.
CREATE TABLE sessions (
    token_sha256 TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    form_token TEXT NOT NULL,
    started_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE invitations (
    token_sha256 TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX invitations_by_user ON invitations (user_id);

-- Links of letters, by which one person decides one case once.
CREATE TABLE mail_links (
    token_sha256 TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    employee_id TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX mail_links_by_case ON mail_links (case_id);

-- Lists and counts of cases are answered from these alone.
CREATE INDEX cases_by_gravity ON cases (gravity DESC, id, lane, state, severity);
CREATE INDEX cases_by_age ON cases (opened_at_ms, id, lane, state, severity);
CREATE INDEX candidates_by_employee ON candidates (employee_id, band, case_id);
