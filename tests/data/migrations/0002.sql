INSERT INTO objects (sha256, sealed, bytes) VALUES ('cc', FALSE, '');
INSERT INTO workers (id, name, version, may_do, beat, started_at_ms, seen_at_ms, ended_at_ms, ended_why)
    VALUES ('worker-1', 'watch-1', '0.1.0', '{}', 7, 1790000000000, 1790000001000, NULL, NULL);
INSERT INTO hosts (host, worker_id, source_id, held_since_ms, promised_ms, closed_until_ms)
    VALUES ('forum.example', 'worker-1', 'forum', 1790000000000, 5000, 0);
INSERT INTO shared_files (path, sha256, bytes, at_ms) VALUES ('sources.toml', 'dd', '', 1790000000000);
INSERT INTO retention_receipts (run_id, rule, at_ms, actor, before_ms, erased, cases, objects, failed)
    VALUES ('run-1', 'unreviewed', 1790000000000, 'wanglou', 1780000000000, 3, 2, 1, 0);
INSERT INTO legal_holds (case_id, actor, at_ms) VALUES ('case-1', 'cli:operator', 1790000000000);
INSERT INTO decided_findings (account_key, clause, lane_class, fingerprint, disposition, last_seen_ms)
    VALUES ('s9', '四.2', 'conduct', '', 'not_employee', 1790000000000);
