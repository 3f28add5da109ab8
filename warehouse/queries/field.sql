-- How did run $run_id do on each subject and safety context, and how did the field?
-- The field is the other models' current runs of its lane that answered the same questions in full;
-- baselines, random weights, hidden models and runs to be doubted are left out. The nine
-- tasks are pooled; every other is a board of its own.
with own as (
    select run_id, model, lane
    from runs
    where run_id = $run_id
),

complete as (
    select run_id, task, case when headline then 'nine' else task end as board
    from run_tasks
    join tasks using (task)
    where predictions = expected
        and task in (
            select task
            from run_tasks
            where run_id = $run_id and predictions = expected
        )
        and (
            run_id = $run_id
            or (run_id, task) in (
                select (run_id, task)
                from shown_run_tasks
                join runs using (run_id)
                join models using (model, revision)
                join own on own.lane = runs.lane and own.model <> runs.model
                where type not in ('baseline', 'random weights') and suspect is null
            )
        )
),

pooled as (
    select
        run_id,
        board,
        slice,
        slice_value,
        sum(n)::bigint as n,
        sum(correct)::bigint as correct,
        sum(n * accuracy) / sum(n) as accuracy
    from scores
    join complete using (run_id, task)
    where slice <> 'all' and key_version = 'original'
    group by run_id, board, slice, slice_value
)

select
    ours.board,
    ours.slice,
    ours.slice_value,
    any_value(ours.n) as n,
    any_value(ours.correct) as correct,
    any_value(ours.accuracy) as accuracy,
    any_value(wilson_low(ours.accuracy, ours.n)) as interval_low,
    any_value(wilson_high(ours.accuracy, ours.n)) as interval_high,
    count(theirs.run_id) as field,
    median(theirs.accuracy) as field_median
from pooled as ours
left join pooled as theirs
    on theirs.board = ours.board
    and theirs.slice = ours.slice
    and theirs.slice_value = ours.slice_value
    and theirs.n = ours.n
    and theirs.run_id <> ours.run_id
where ours.run_id = $run_id
group by ours.board, ours.slice, ours.slice_value
order by ours.board, ours.slice, ours.slice_value
