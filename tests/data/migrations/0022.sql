INSERT INTO returned_mails (mail_sha256, kind, alert_id, status, read_at_ms) VALUES ('ab', 'foreign', NULL, '5.1.1', 1795147200000);
INSERT INTO mailbox_visits (name, at_ms, fault) VALUES ('returned', 1795147200000, '');
UPDATE member_attestations SET returned_at_ms = 1795147200000 WHERE year = 2026 AND employee_id = 'XH0021';
