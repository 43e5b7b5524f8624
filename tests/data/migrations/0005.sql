INSERT INTO discoveries (site, name, presence, asked_at_ms)
VALUES ('luntan https://forum.example', 'xinghe_hr', 'absent', 1795147200000);
