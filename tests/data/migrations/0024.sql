INSERT INTO added_files (kind, name, version, removed, text, author, at_ms) VALUES ('source', 'forum2', 1, FALSE, '[[source]]', 'user:admin', 1795147200000);
