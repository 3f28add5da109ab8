"""Turns what others made into run folders, and loads run folders into the warehouse."""
