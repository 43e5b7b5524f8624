INSERT INTO member_attestations (year, employee_id, listed_at_ms, asked_at_ms, reminded_at_ms, attested_at_ms, text_version) VALUES (2026, 'XH0021', 1795147200000, 1795147200000, NULL, NULL, NULL);
