-- Bytes of the files that a version of the lake reads.
select coalesce(sum(file_size_bytes), 0)::bigint
from ducklake_data_file
where begin_snapshot <= %(version)s and (end_snapshot is null or end_snapshot > %(version)s)
