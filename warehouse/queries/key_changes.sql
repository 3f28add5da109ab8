-- How do the scores of each current run of $lane change with reviewed keys, or without disputed ones?
-- A row per run and task of which a key is disputed, and one for the average of the nine.
with tasks_of_runs as (
    select
        run_id,
        task,
        max(accuracy) filter (where key_version = 'original') as original,
        max(accuracy) filter (where key_version = 'reviewed') as reviewed,
        max(accuracy) filter (where key_version = 'undisputed') as undisputed,
        max(n) filter (where key_version = 'original') as n,
        max(n) filter (where key_version = 'reviewed') as n_reviewed,
        max(n) filter (where key_version = 'undisputed') as n_undisputed
    from scores_by_key
    join counted_runs using (run_id, task)
    where slice = 'all' and task in (select task from other_keys)
    group by run_id, task
),

changes as (
    select *
    from tasks_of_runs
    union all
    select run_id, 'average', average, average_reviewed, average_undisputed, null, null, null
    from leaderboard
    where coalesce(average_reviewed, average_undisputed) is not null
)

select
    changes.run_id,
    model,
    precision,
    changes.task,
    title as task_title,
    original,
    reviewed,
    undisputed,
    reviewed - original as reviewed_change,
    undisputed - original as undisputed_change,
    n,
    n_reviewed,
    n_undisputed
from changes
join runs using (run_id)
left join tasks on tasks.task = changes.task
where lane = $lane
order by position nulls first, original desc, model, changes.run_id
