"""Bonjour Maître: cited answers to French doctors' legal questions."""
