-- Links of letters by which one approver decides one application for an exemption once.
CREATE TABLE exemption_links (
    token_sha256 TEXT PRIMARY KEY,
    number TEXT NOT NULL,
    employee_id TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

-- Times in which the highest band was shown as the next, because too few of its leads had been confirmed.
CREATE TABLE band_lowerings (
    id TEXT PRIMARY KEY,
    since_ms BIGINT NOT NULL,
    until_ms BIGINT,
    decided BIGINT NOT NULL,
    confirmed BIGINT NOT NULL
);
