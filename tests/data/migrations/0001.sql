INSERT INTO scans (id, started_at_ms, ended_at_ms, summary) VALUES ('scan-1', 1790000000000, NULL, '{"pass":1}');
INSERT INTO source_states (source_id, last_visit_ms, last_confirmed_ms, verdict, failures, breaker_until_ms, day, pages_today, paused)
    VALUES ('forum', 1790000000000, 1790000000000, '{"verdict":"found"}', 0, NULL, '2026-09-21', 3, FALSE);
INSERT INTO pages (url_hash, source_id, etag, last_modified, status, sha256, fetched_at_ms, ledger_digest)
    VALUES ('aa', 'forum', '"v1"', NULL, 200, 'bb', 1790000000000, 'd1');
INSERT INTO captures (id, scan_id, source_id, entry, url, final_url, status, content_type, fetched_at_ms, sha256, size_bytes, state)
    VALUES ('capture-1', 'scan-1', 'forum', 'account', 'https://forum.example/u1', 'https://forum.example/u1', 200, 'text/html',
            1790000000000, 'cc', 12, 'kept');
INSERT INTO subjects (subject_key, account_key, kind, platform_id, sealed, facts, judgement_digest, first_seen_ms, last_seen_ms)
    VALUES ('s1', 's1', 'account', 'forum', FALSE, '{"account":{"handle":"u1","display_name":"星河客服"}}', 'j1', 1790000000000, 1790000000000);
INSERT INTO outcomes (subject_key, scan_id, id, judged_at_ms, digest, sealed, outcome)
    VALUES ('s1', 'scan-1', 'outcome-1', 1790000000000, 'j1', FALSE, '{"outcome":"alert","lane":"manager:XH"}');
INSERT INTO cases (id, number, account_key, clause, lane_class, lane, outcome, notify, severity, gravity, lead_subject, state,
                   disposition, decided_by, state_since_ms, reopened, opened_at_ms, updated_at_ms)
    VALUES ('case-1', 'XS-2610-0001', 's1', '四.2', 'conduct', 'manager:XH', 'alert', 'daily', 'medium', 221, 's1', 'open',
            NULL, NULL, 1790000000000, 0, 1790000000000, 1790000000000);
INSERT INTO case_subjects (case_id, subject_key, sealed, judgement, lane, outcome, notify, severity, gravity, first_seen_ms, last_seen_ms)
    VALUES ('case-1', 's1', FALSE,
            '{"subject":{"kind":"account","platform":"forum","handle":"u1","url":"https://forum.example/u1"},"outcome":"alert","lane":"manager:XH","notify":"daily","severity":"medium","findings":[],"candidates":[],"reasons":[],"terms":[],"topics":[],"excerpt":null}',
            'manager:XH', 'alert', 'daily', 'medium', 221, 1790000000000, 1790000000000);
INSERT INTO findings (case_id, fingerprint, subject_key, rule, clause, first_seen_ms, last_seen_ms)
    VALUES ('case-1', 'f1', 's1', 'R-NAME', '四.2', 1790000000000, 1790000000000);
INSERT INTO candidates (case_id, employee_id, position, score, band, reasons) VALUES ('case-1', 'E1', 0, 0.7, 'medium', '[]');
INSERT INTO evidence (subject_key, capture_id, case_id, kept, pinned_at_ms)
    VALUES ('s1', 'capture-1', 'case-1', TRUE, 1790000000000);
INSERT INTO alerts (id, idempotency_key, kind, lane, recipient, due_at_ms, state, attempts, last_error, lease_owner, lease_until_ms,
                    handed_over, created_at_ms, settled_at_ms)
    VALUES ('alert-1', 'k1', 'immediate', 'manager:XH', 'M1', 1790000000000, 'sent', 1, NULL, NULL, NULL, FALSE, 1790000000000,
            1790000000001);
INSERT INTO alert_cases (alert_id, case_id, position) VALUES ('alert-1', 'case-1', 0);
INSERT INTO topic_counts (month, topic_id, count) VALUES ('2026-10', 'P01', 7);
INSERT INTO audit (id, at_ms, actor, action, object, detail) VALUES ('audit-1', 1790000000000, 'wanglou', 'judge', 'case-1', '');
INSERT INTO ledger_versions (file, version, sha256, author, at_ms, sealed, diff, content)
    VALUES ('terms.csv', 1, 'dd', 'zhang', 1790000000000, FALSE, '[]', '');
INSERT INTO counters (name, value) VALUES ('cases XS-2610', 1);
INSERT INTO chain (seq, at_ms, kind, body, prev_hash, hash) VALUES (1, 1790000000000, 'evidence', '{}', 'e', 'f');
INSERT INTO jobs (id, kind, job_key, host, run_at_ms, attempts, attempts_max, state, lease_owner, lease_until_ms, payload, last_error,
                  created_at_ms, ended_at_ms)
    VALUES ('job-1', 'crawl', 'k', 'forum.example', 1790000000000, 0, 3, 'available', NULL, NULL, '{}', NULL, 1790000000000, NULL);
INSERT INTO schedule_slots (schedule_id, slot_at_ms) VALUES ('crawl', 1790000000000);
