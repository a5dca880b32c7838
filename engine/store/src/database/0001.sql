-- Times are nanoseconds since the Unix epoch. JSON columns leave out what equals its default.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE containers (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    status     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    image_id   TEXT NOT NULL,
    layers     TEXT NOT NULL,   -- chain ids, lowest first, separated by spaces
    volumes    TEXT NOT NULL,   -- names, separated by spaces
    spec       TEXT NOT NULL,   -- JSON
    state      TEXT NOT NULL    -- JSON
);
CREATE INDEX containers_created ON containers (created_at);
CREATE INDEX containers_unsettled ON containers (status)
    WHERE status IN ('running', 'paused', 'restarting', 'removing');

CREATE TABLE events (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    time       INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    action     TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    attributes TEXT NOT NULL    -- JSON
);
CREATE INDEX events_time ON events (time);

CREATE TABLE images (
    id              TEXT PRIMARY KEY,   -- digest of the configuration
    manifest_digest TEXT NOT NULL,
    manifest_size   INTEGER NOT NULL,
    media_type      TEXT NOT NULL,
    created_at      INTEGER,
    stored_at       INTEGER NOT NULL,
    architecture    TEXT NOT NULL,
    os              TEXT NOT NULL,
    variant         TEXT NOT NULL,
    size            INTEGER NOT NULL,   -- unpacked bytes of all layers
    labels          TEXT NOT NULL       -- JSON
);

CREATE TABLE tags (
    name     TEXT PRIMARY KEY,          -- docker.io/library/alpine:latest
    image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX tags_image ON tags (image_id);

CREATE TABLE repo_digests (
    name     TEXT PRIMARY KEY,          -- docker.io/library/alpine@sha256:…
    image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX repo_digests_image ON repo_digests (image_id);

CREATE TABLE image_layers (
    image_id   TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,        -- 0 is the lowest
    chain_id   TEXT NOT NULL,
    diff_id    TEXT NOT NULL,
    blob       TEXT NOT NULL,           -- digest of the layer as it is stored and pushed
    blob_size  INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    PRIMARY KEY (image_id, position)
) WITHOUT ROWID;
CREATE INDEX image_layers_chain ON image_layers (chain_id);

CREATE TABLE layers (
    chain_id TEXT PRIMARY KEY,
    diff_id  TEXT NOT NULL,
    size     INTEGER NOT NULL,          -- unpacked bytes
    entries  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE volumes (
    name       TEXT PRIMARY KEY,
    driver     TEXT NOT NULL,
    anonymous  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    labels     TEXT NOT NULL,           -- JSON
    options    TEXT NOT NULL            -- JSON
) WITHOUT ROWID;
