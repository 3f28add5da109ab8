-- Which wrong answers stand before and after that of run $at_run to $at_sample of $at_task in a list?
-- See wrong_answers.
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
        lead(run_id) over list_order as next_run,
        lead(task) over list_order as next_task,
        lead(sample_id) over list_order as next_id
    from wrong_answers(
        $run_ids::varchar[], $models::varchar[], $lanes::varchar[],
        $task, $subject, $safety, $flag, $harm, $search, $by
    )
    window list_order as (order by number)
)

select
    number,
    total,
    previous_run,
    previous_task,
    previous_id,
    next_run,
    next_task,
    next_id
from steps
where run_id = $at_run and task = $at_task and sample_id = $at_sample
order by number
limit 1
