"""Bonjour Maître: cited answers to French doctors' legal questions."""

from bot import blas

# Before anything imports NumPy.
blas.choose()
