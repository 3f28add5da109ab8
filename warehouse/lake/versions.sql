-- What was published, oldest first: the number of the snapshot, and the lake's version.
select split_part(commit_extra_info, ' ', 2)::bigint, snapshot_id
from ducklake_snapshot_changes
where commit_extra_info like 'snapshot %'
order by snapshot_id
