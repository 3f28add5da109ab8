"""Keeps snapshots in a DuckLake: a catalogue in PostgreSQL, tables as Parquet files on a shared
disk or S3 (https://ducklake.select). All that is DuckLake's own stands here: how it is opened, time
travel, compaction and expiry.
"""
