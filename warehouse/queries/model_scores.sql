-- How did run $run_id do on each task and on average, and where does that place it?
with whole as (
    select
        task,
        n,
        predictions = expected as complete,
        accuracy,
        interval_low,
        interval_high,
        unreadable,
        calibration_error,
        confidence_when_wrong
    from scores
    join run_tasks using (run_id, task)
    where run_id = $run_id and slice = 'all' and key_version = 'original'
    union all
    select 'average', null, true, average, average_low, average_high, null, null, null
    from leaderboard
    where run_id = $run_id and average is not null
)

select
    whole.task,
    coalesce(title, 'Average') as task_title,
    whole.* exclude (task),
    rank,
    rank_low,
    rank_high,
    runs as ranked,
    tier
from whole
left join tasks on tasks.task = whole.task
left join rank_intervals on rank_intervals.task = whole.task and rank_intervals.run_id = $run_id
order by tasks.position nulls first
