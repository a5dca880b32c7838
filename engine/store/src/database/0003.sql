-- The steps of builds that made a layer: what each depended on, and the layer. They keep their layers and blobs.
CREATE TABLE build_steps (
    key         TEXT PRIMARY KEY,       -- digest of all that the step depends on
    chain_id    TEXT NOT NULL,
    diff_id     TEXT NOT NULL,
    blob        TEXT NOT NULL,
    blob_size   INTEGER NOT NULL,
    media_type  TEXT NOT NULL,
    description TEXT NOT NULL,          -- the instruction
    created_at  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL
) WITHOUT ROWID;
