INSERT INTO subjects (subject_key, account_key, kind, platform_id, sealed, facts, judgement_digest, first_seen_ms, last_seen_ms) VALUES
    ('s2', 's2', 'account', 'forum', TRUE, 'ab', 'j2', 1790000000000, 1790000000000),
    ('s3', 's3', 'account', 'forum', FALSE, 'no JSON', 'j3', 1790000000000, 1790000000000),
    ('s4', 's4', 'post', 'forum', FALSE, '{"post":{"text":"星河\u0000招人"}}', 'j4', 1790000000000, 1790000000000);
INSERT INTO subject_texts (subject_key, text) VALUES ('s2', 'left by an older program');
INSERT INTO unread_subjects (subject_key) VALUES ('s3'), ('s4');
