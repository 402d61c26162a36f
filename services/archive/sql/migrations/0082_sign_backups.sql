-- Who signed a backup, by the name of its key; NULL: it was made before backups were signed.

ALTER TABLE backups ADD COLUMN signer text CHECK (signer <> '');
