INSERT INTO users (id, login, name, employee_id, roles, language, password_hash, failures, locked_until_ms, disabled,
    created_at_ms)
VALUES ('u1', 'lin', '林', 'XH0002', '["list_editor"]', 'zh-CN', NULL, 0, 0, FALSE, 1795147200000);
INSERT INTO sessions (token_sha256, user_id, form_token, started_at_ms, seen_at_ms)
VALUES ('aa', 'u1', 'f', 1795147200000, 1795147200000);
INSERT INTO invitations (token_sha256, user_id, expires_at_ms) VALUES ('bb', 'u1', 1795147200001);
INSERT INTO mail_links (token_sha256, case_id, employee_id, expires_at_ms)
SELECT 'cc', id, 'XH0002', 1795147200001 FROM cases;
