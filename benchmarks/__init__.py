"""Measures of the project; nothing here is shipped in the bot."""
