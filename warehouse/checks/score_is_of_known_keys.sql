-- A score is of no version of the keys that there is, or of one that does not touch its slice.
select run_id, task, slice, slice_value, key_version
from scores
where key_version <> 'original'
    and (key_version, task, slice, slice_value) not in (
        select (key_version, task, slice, slice_value) from rekeyed_slices
    )
order by run_id, task, slice, slice_value, key_version
