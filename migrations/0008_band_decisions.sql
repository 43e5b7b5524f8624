-- In which band the best possible owner of a case stood when it was decided, and what was decided. Nobody is named.
CREATE TABLE band_decisions (
    case_id TEXT PRIMARY KEY,
    band TEXT NOT NULL,
    disposition TEXT NOT NULL,
    decided_at_ms BIGINT NOT NULL
);
CREATE INDEX band_decisions_by_time ON band_decisions (decided_at_ms);
