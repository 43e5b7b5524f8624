-- Links by which people come to the work groups for which they answer, as often as they like until they end. Only hashes of
-- what stands in letters.
CREATE TABLE group_links (
    token_sha256 TEXT PRIMARY KEY,
    employee_id TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

-- For which months somebody was asked to confirm a group, and whether that was done.
CREATE TABLE attestations (
    group_id TEXT NOT NULL,
    month TEXT NOT NULL,
    asked_of TEXT NOT NULL,
    asked_at_ms BIGINT NOT NULL,
    attested_at_ms BIGINT,
    PRIMARY KEY (group_id, month)
);
CREATE INDEX attestations_by_month ON attestations (month);

-- Self-inspections of a company's work groups, and what became of each group.
CREATE TABLE campaigns (
    id TEXT PRIMARY KEY,
    company TEXT NOT NULL,
    title TEXT NOT NULL,
    announced_at_ms BIGINT NOT NULL,
    due_on TEXT NOT NULL,
    closed_at_ms BIGINT
);
CREATE TABLE inspections (
    campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL,
    asked_of TEXT NOT NULL,
    confirmed_at_ms BIGINT,
    findings BIGINT NOT NULL,
    rectified_at_ms BIGINT,
    PRIMARY KEY (campaign_id, group_id)
);
