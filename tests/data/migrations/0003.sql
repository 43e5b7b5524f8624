INSERT INTO frontier (source_id, url_hash, id, url, entry, page, term, state, at_ms)
    VALUES ('forum', 'ee', 'task-1', 'https://forum.example/u/1', 'account', 0, '', 'waiting', 1790000000000);
