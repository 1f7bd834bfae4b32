"""Custom actions: read the tracker, call `bot.*`, dispatch the Reply. Nothing is decided here."""
