"""Damaged code made readable again where only one reading is possible, each change told in a sentence."""
