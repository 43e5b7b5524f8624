INSERT INTO case_figures (case_id, lane, severity, rules, terms, opened_at_ms, open_since_ms, decided_at_ms, disposition)
VALUES ('c9', 'manager:XH', 'high', '["R-NAME"]', '["W001"]', 1795000000000, 1795000000000, 1795147200000, 'rectified');
INSERT INTO monthly_counts (month, name, count) VALUES ('2026-11', 'found', 7);
