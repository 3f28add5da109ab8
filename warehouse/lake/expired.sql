-- The versions that no reader may need any more: before the newest %(keep)s that were published, and an
-- hour old, since a reader may have opened one just before the next was published.
select snapshot_id
from ducklake_snapshot
where snapshot_time < now() - interval '1 hour'
    and snapshot_id < (
        select min(snapshot_id)
        from (
            select snapshot_id
            from ducklake_snapshot_changes
            where commit_extra_info like 'snapshot %%'
            order by snapshot_id desc
            limit %(keep)s
        ) as kept
    )
order by snapshot_id
