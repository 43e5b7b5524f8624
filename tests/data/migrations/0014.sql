INSERT INTO channels (name, heard_seq, failures, retry_at_ms, last_error) VALUES ('hr', 1, 0, 0, NULL);
