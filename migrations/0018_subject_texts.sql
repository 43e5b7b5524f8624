-- What accounts and posts say, in lower case, to be searched. Never what is sealed, and gone with its subject.
CREATE TABLE subject_texts (
    subject_key TEXT PRIMARY KEY REFERENCES subjects (subject_key) ON DELETE CASCADE,
    text TEXT NOT NULL
);
CREATE INDEX subjects_sealed ON subjects (subject_key) WHERE sealed;

-- Subjects stored before that, until their text is there.
CREATE TABLE unread_subjects (
    subject_key TEXT PRIMARY KEY REFERENCES subjects (subject_key) ON DELETE CASCADE
);
INSERT INTO unread_subjects (subject_key) SELECT subject_key FROM subjects WHERE NOT sealed;

CREATE INDEX cases_by_lead ON cases (lead_subject);

-- An erasure looked at every finding.
CREATE INDEX findings_by_subject ON findings (subject_key);

-- Lists and counts of cases also ask whose account it is.
DROP INDEX cases_by_gravity;
DROP INDEX cases_by_age;
CREATE INDEX cases_by_gravity ON cases (gravity DESC, id, lane, state, severity, account_key);
CREATE INDEX cases_by_age ON cases (opened_at_ms, id, lane, state, severity, account_key);
