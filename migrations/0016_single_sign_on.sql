-- Who went to the identity provider and is expected back; and sessions for which a provider vouches.
CREATE TABLE provider_visits (
    state_sha256 TEXT PRIMARY KEY,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
ALTER TABLE sessions ADD COLUMN vouched BOOLEAN NOT NULL DEFAULT FALSE;
