INSERT INTO objects (sha256, sealed, bytes) VALUES ('cc', FALSE, '');
