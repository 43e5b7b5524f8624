INSERT INTO band_decisions (case_id, band, disposition, decided_at_ms) VALUES ('c1', 'high', 'rectified', 1795147200000);
