// Settings files, and where secrets come from.
