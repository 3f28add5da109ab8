-- Which wrong answers stand before and after $at_sample of $at_task in a list of run $run_id's?
with steps as (
    select
        task,
        sample_id,
        number,
        total,
        lag(task) over list_order as previous_task,
        lag(sample_id) over list_order as previous_id,
        lead(task) over list_order as next_task,
        lead(sample_id) over list_order as next_id
    from wrong_answers($run_id, $task, $subject, $safety, $search, $by)
    window list_order as (order by number)
)

select number, total, previous_task, previous_id, next_task, next_id
from steps
where task = $at_task and sample_id = $at_sample
