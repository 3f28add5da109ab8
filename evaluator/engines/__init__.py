"""Runs language models: the only place with torch and transformers.

Nothing here imports the rest of the project, save the errors, so that an engine can be copied
to a GPU machine and measured alone.
"""
