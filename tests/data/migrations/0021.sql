INSERT INTO column_mappings (ledger, headers, saved_at_ms) VALUES ('employees', '{"employee_id":"人员编码"}', 1795147200000);
