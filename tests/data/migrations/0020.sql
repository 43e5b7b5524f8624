INSERT INTO saved_views (id, user_id, is_default, created_at_ms, sealed, wish) VALUES ('v1', 'u1', TRUE, 1795147200000, FALSE, '{"name":"高","asked":"severity=high"}');
