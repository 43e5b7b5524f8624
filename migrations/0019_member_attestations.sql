-- Which members of work groups are asked in a year to confirm their duties, when they were asked and reminded, and when they
-- confirmed which text.
CREATE TABLE member_attestations (
    year BIGINT NOT NULL,
    employee_id TEXT NOT NULL,
    listed_at_ms BIGINT NOT NULL,
    asked_at_ms BIGINT,
    reminded_at_ms BIGINT,
    attested_at_ms BIGINT,
    text_version TEXT,
    PRIMARY KEY (year, employee_id)
);
