INSERT INTO exemption_links (token_sha256, number, employee_id, expires_at_ms) VALUES ('ab', 'HM-2611-0001', 'XH0009', 1795147200000);
INSERT INTO band_lowerings (id, since_ms, until_ms, decided, confirmed) VALUES ('b1', 1795147200000, NULL, 50, 30);
