-- What reports count of a case outside the leak lane. Nobody is named, and it outlives the case.
CREATE TABLE case_figures (
    case_id TEXT PRIMARY KEY,
    lane TEXT NOT NULL,
    severity TEXT NOT NULL,
    rules TEXT NOT NULL,
    terms TEXT NOT NULL,
    opened_at_ms BIGINT NOT NULL,
    open_since_ms BIGINT NOT NULL,
    decided_at_ms BIGINT,
    disposition TEXT
);
CREATE INDEX case_figures_by_opening ON case_figures (opened_at_ms);
CREATE INDEX case_figures_by_decision ON case_figures (decided_at_ms);
INSERT INTO case_figures (case_id, lane, severity, rules, terms, opened_at_ms, open_since_ms, decided_at_ms, disposition)
    SELECT id, lane, severity, '[]', '[]', opened_at_ms,
        CASE WHEN state = 'open' THEN state_since_ms ELSE opened_at_ms END,
        CASE WHEN state = 'closed' THEN state_since_ms END, CASE WHEN state = 'closed' THEN disposition END
    FROM cases WHERE lane_class <> 'leak';

-- How many subjects were found for the first time in a month, and how many of them nobody was asked about.
CREATE TABLE monthly_counts (
    month TEXT NOT NULL,
    name TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (month, name)
);
