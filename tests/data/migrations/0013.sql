INSERT INTO second_factors (user_id, secret, last_step, created_at_ms) VALUES ('u1', '00', 1, 1795147200000);
INSERT INTO recovery_codes (user_id, code_sha256) VALUES ('u1', 'dd');
INSERT INTO pending_sign_ins (token_sha256, user_id, expires_at_ms) VALUES ('ee', 'u1', 1795147200001);
