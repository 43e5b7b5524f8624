INSERT INTO column_mappings (ledger, headers, saved_at_ms) VALUES ('employees', '{"employee_id":"人员编码"}', 1795147200000);
INSERT INTO topic_changes (id, state, text, read_sha256, diff, reason, proposed_by, proposed_at_ms, expires_at_ms, decided_by, decided_at_ms, answer, version) VALUES ('t1', 'waiting', '编号,名称,词语', '', '{}', '补充', 'XH0011', 1795147200000, 1795147300000, '', NULL, '', NULL);
