-- Which wrong answers stand before and after that of run $at_run to $at_sample of $at_task in a list?
-- See wrong_answers. Of a run's several answers to the question, that of $at_repeat, or the nearest
-- where the list has it not; repeat says which.
with steps as (
    select
        run_id,
        task,
        sample_id,
        repeat,
        number,
        total,
        lag(run_id) over list_order as previous_run,
        lag(task) over list_order as previous_task,
        lag(sample_id) over list_order as previous_id,
        lag(repeat) over list_order as previous_repeat,
        lead(run_id) over list_order as next_run,
        lead(task) over list_order as next_task,
        lead(sample_id) over list_order as next_id,
        lead(repeat) over list_order as next_repeat
    from wrong_answers(
        $run_ids::varchar[], $models::varchar[], $lanes::varchar[],
        $task, $subject, $safety, $flag, $harm, $search, $by
    )
    window list_order as (order by number)
)

select
    number,
    total,
    repeat,
    previous_run,
    previous_task,
    previous_id,
    previous_repeat,
    next_run,
    next_task,
    next_id,
    next_repeat
from steps
where run_id = $at_run and task = $at_task and sample_id = $at_sample
order by abs(repeat - $at_repeat::bigint), number
limit 1
