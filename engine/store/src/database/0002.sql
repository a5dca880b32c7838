-- What a layer's tree must hold, to be checked once after the host has started again.
ALTER TABLE layers ADD COLUMN files INTEGER NOT NULL DEFAULT 0;
ALTER TABLE layers ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
