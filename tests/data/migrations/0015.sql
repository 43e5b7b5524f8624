INSERT INTO api_tokens (name, token_sha256, user_id, scopes, expires_at_ms) VALUES ('ci', 'ff', 'u1', '["cases:read"]', 1795147200001);
