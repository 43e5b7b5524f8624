INSERT INTO provider_visits (state_sha256, nonce, verifier, next, expires_at_ms) VALUES ('aa', 'n', 'v', '/', 1795147200001);
