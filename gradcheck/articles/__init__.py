"""Judges what an article claims: each statement is a `Claim`, and gets a status with its evidence."""
