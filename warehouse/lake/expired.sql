-- The versions that no reader may need any more: not of the newest %(keep)s that were published since
-- more than an hour, in which those go on who had opened one just before.
with published as (
    select
        snapshot_id,
        lead(snapshot_time, %(keep)s) over (order by snapshot_id) as superfluous_since
    from ducklake_snapshot_changes
    join ducklake_snapshot using (snapshot_id)
    where commit_extra_info like 'snapshot %%'
)

select snapshot_id
from ducklake_snapshot
where snapshot_id <= (
    select max(snapshot_id)
    from published
    where superfluous_since < now() - interval '1 hour'
)
order by snapshot_id
