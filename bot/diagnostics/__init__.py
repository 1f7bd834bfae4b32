"""Diagnoses: a doctor's case walked through as a tree of questions, up to a conclusion that cites the law."""
