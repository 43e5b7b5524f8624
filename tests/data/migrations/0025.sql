INSERT INTO text_sketches (subject_key, sketch) VALUES ('s4', '0000000100000002');
INSERT INTO text_anchors (anchor, subject_key) VALUES ('00000001', 's4'), ('00000002', 's4');
INSERT INTO silent_counts (day, lane, cause, count) VALUES ('2026-11-20', 'manager:XH', 'exempt', 3);
UPDATE subjects SET seen_clean_ms = 1795168800000 WHERE subject_key = 's4';
