"""Runs a document's code in a child process, and brings back what it printed and computed, as data."""
