INSERT INTO rights_requests (id, number, kind, state, sealed, asked, asked_at_ms, due_at_ms, answer, answered_by, answered_at_ms)
VALUES ('q1', 'SQ-2611-0001', 'object', 'open', FALSE,
    '{"employee":"XH0007","contact":"","platform":"forum","handle":"u1","words":"不是我"}', 1795147200000, 1796900000000, '', '', NULL);
INSERT INTO request_cases (request_id, case_id) SELECT 'q1', id FROM cases;
INSERT INTO unlinkings (account_key, employee_id, cause, at_ms) VALUES ('k1', 'XH0007', 'q1', 1795147200000);
INSERT INTO notices (version, sha256, text_zh, text_en, issued_by, issued_at_ms)
VALUES (1, 'aa', '告知', 'notice', 'XH0009', 1795147200000);
INSERT INTO case_notes (id, case_id, kind, author, at_ms, sealed, words)
SELECT 'n1', id, 'note', 'XH0002', 1795147200000, FALSE, '已电话沟通' FROM cases;
INSERT INTO exemption_requests (id, number, company, employee_id, state, sealed, application, filed_by, filed_at_ms, checked_by,
    checked_at_ms, decided_by, decided_at_ms, reason, exemption)
VALUES ('x1', 'HM-2611-0001', 'XH', 'XH0007', 'filed', FALSE,
    '{"platform":"forum","handle":"u1","account_name":"甲","marks":["星河"],"purpose":"科普","conditions":"","until":"2027-01-01","ownership":"个人"}',
    'XH0002', 1795147200000, '', NULL, '', NULL, '', '');
