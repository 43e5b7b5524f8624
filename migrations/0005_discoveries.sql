-- What sites said about names of the watchlist, so that each is asked again only when it is due.
CREATE TABLE discoveries (
    site TEXT NOT NULL,
    name TEXT NOT NULL,
    presence TEXT NOT NULL,
    asked_at_ms BIGINT NOT NULL,
    PRIMARY KEY (site, name)
);
CREATE INDEX discoveries_by_time ON discoveries (asked_at_ms);
