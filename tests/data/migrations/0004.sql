INSERT INTO canaries (source_id, asked_at_ms, contradiction, since_ms)
    VALUES ('forum', 1790000000000, 'expected found, is empty', 1780000000000);
