-- How did each of the runs $run_ids do on each task and on average, and of how many questions?
with every_score as (
    select run_id, task, n, expected, accuracy, interval_low, interval_high
    from scores
    join run_tasks using (run_id, task)
    where slice = 'all' and key_version = 'original'
    union all
    select run_id, 'average', answered, answered, average, average_low, average_high
    from leaderboard
    where average is not null
)

select every_score.*
from every_score
left join tasks using (task)
where list_contains($run_ids, run_id)
order by position nulls first, run_id
