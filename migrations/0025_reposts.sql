-- What only repeats the text of a case stands there as a repost: it never leads, and nobody is asked about it.
ALTER TABLE case_subjects ADD COLUMN is_repost BOOLEAN NOT NULL DEFAULT FALSE;

-- By what the texts of cases are known again: keyed hashes, none of which gives a word away. Gone with their subject.
CREATE TABLE text_sketches (
    subject_key TEXT PRIMARY KEY REFERENCES subjects (subject_key) ON DELETE CASCADE,
    sketch TEXT NOT NULL
);
CREATE TABLE text_anchors (
    anchor TEXT NOT NULL,
    subject_key TEXT NOT NULL REFERENCES subjects (subject_key) ON DELETE CASCADE,
    PRIMARY KEY (anchor, subject_key)
);
CREATE INDEX text_anchors_by_subject ON text_anchors (subject_key);

-- When an account or post was seen whole without anything to keep: what is known of it says nothing any more. Earlier than its
-- last sight it means nothing.
ALTER TABLE subjects ADD COLUMN seen_clean_ms BIGINT;

-- How often something was let go on a day, and why; the lane names the company where one is meant.
CREATE TABLE silent_counts (
    day TEXT NOT NULL,
    lane TEXT NOT NULL,
    cause TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, lane, cause)
);
