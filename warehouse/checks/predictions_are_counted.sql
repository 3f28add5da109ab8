-- A run answered another number of a task's questions than its record says, or more than there are.
with counted as (
    select run_id, task, count(distinct sample) as loaded
    from graded
    semi join loaded using (run)
    group by run_id, task
),

recorded as (
    select run_id, task, predictions, expected
    from run_tasks
    semi join loaded using (run_id)
)

select run_id, task, predictions as recorded, expected, coalesce(loaded, 0) as loaded
from recorded
full join counted using (run_id, task)
where predictions is distinct from coalesce(loaded, 0) or predictions > expected
order by run_id, task
