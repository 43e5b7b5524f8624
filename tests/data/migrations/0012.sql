INSERT INTO audit (id, at_ms, actor, action, object, detail, seq, prev_hash, hash) VALUES
    ('01930000-0000-7000-8000-000000000013', 1795168800000, 'XH0001', 'case.read', 'c1', '', 1,
    '0000000000000000000000000000000000000000000000000000000000000000',
    '22aaa2b3a90ee9a7f0b3a6ca2cd8b0a9db2f1d2ac6ae35ee31c96d90bdfb4b0f');
