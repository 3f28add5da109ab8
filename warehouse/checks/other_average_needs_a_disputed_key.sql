-- An average by other keys stands where no key of the nine tasks is other, or is missing.
with rekeyed as (
    select
        coalesce(bool_or(key_version = 'reviewed'), false) as reviewed,
        coalesce(bool_or(key_version = 'undisputed'), false) as undisputed
    from rekeyed_slices
    join tasks using (task)
    where headline
)

select entry, model, average, average_reviewed, average_undisputed
from leaderboard
cross join rekeyed
where (average_reviewed is not null)
    <> (reviewed and average is not null and run_id is not null)
    or (average_undisputed is not null)
    <> (undisputed and average is not null and run_id is not null)
order by entry
