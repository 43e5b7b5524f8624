-- Lists of cases that people saved for themselves: name, filters and order. Words that somebody looks for may be confidential, so
-- that they are sealed where there is a key.
CREATE TABLE saved_views (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_default BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    sealed BOOLEAN NOT NULL,
    wish TEXT NOT NULL
);
CREATE INDEX saved_views_by_user ON saved_views (user_id, id);
