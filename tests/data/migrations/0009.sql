INSERT INTO group_links (token_sha256, employee_id, expires_at_ms) VALUES ('a0', 'XH0021', 1795752000000);
INSERT INTO attestations (group_id, month, asked_of, asked_at_ms, attested_at_ms) VALUES ('G901', '2026-11', 'XH0021', 1795147200000, NULL);
INSERT INTO campaigns (id, company, title, announced_at_ms, due_on, closed_at_ms) VALUES ('k1', 'XH', '十一月自查', 1795147200000, '2026-11-30', NULL);
INSERT INTO inspections (campaign_id, group_id, asked_of, confirmed_at_ms, findings, rectified_at_ms) VALUES ('k1', 'G901', 'XH0021', NULL, 0, NULL);
