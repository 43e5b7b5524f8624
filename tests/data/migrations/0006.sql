INSERT INTO rhythms (url_hash, fingerprint, digest, looks, changes, first_at_ms, last_at_ms)
VALUES ('a1', 'b2', 'c3', 7, 1, 1794542400000, 1795147200000);
