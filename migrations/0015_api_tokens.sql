-- Tokens by which programs ask the console in the name of a user; known by their hashes.
CREATE TABLE api_tokens (
    name TEXT PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
