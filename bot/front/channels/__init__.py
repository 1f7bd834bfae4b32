"""Channels: the ways by which doctors write to the bot and read its Replies (docs/nouveau-canal.md)."""
