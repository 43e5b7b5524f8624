INSERT INTO objects (sha256, sealed, bytes) VALUES ('cc', FALSE, '');
INSERT INTO workers (id, name, version, may_do, beat, started_at_ms, seen_at_ms, ended_at_ms, ended_why)
    VALUES ('worker-1', 'watch-1', '0.1.0', '{}', 7, 1790000000000, 1790000001000, NULL, NULL);
INSERT INTO hosts (host, worker_id, source_id, held_since_ms, promised_ms, closed_until_ms)
    VALUES ('forum.example', 'worker-1', 'forum', 1790000000000, 5000, 0);
INSERT INTO shared_files (path, sha256, bytes, at_ms) VALUES ('sources.toml', 'dd', '', 1790000000000);
