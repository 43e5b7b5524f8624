-- Mails of the mailbox to which letters come back that could not be delivered: what each turned out to be, and about which
-- letter. A mail is known by the hash of its name there.
CREATE TABLE returned_mails (
    mail_sha256 TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    alert_id TEXT,
    status TEXT NOT NULL,
    read_at_ms BIGINT NOT NULL
);
CREATE INDEX returned_mails_by_time ON returned_mails (read_at_ms);
CREATE INDEX returned_mails_by_alert ON returned_mails (alert_id);

-- When the mailbox was read last, and why it could not be.
CREATE TABLE mailbox_visits (
    name TEXT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    fault TEXT NOT NULL
);

-- Since when a letter of the yearly confirmation is known not to reach its member.
ALTER TABLE member_attestations ADD COLUMN returned_at_ms BIGINT;
