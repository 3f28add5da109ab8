-- Which questions of $task (or all: empty) has run $run_id right and run $other_id wrong?
-- $page_size of them after the first $skip, in their order; total counts them all.
with found as (
    select
        samples.*,
        one.prediction,
        other.prediction as other_prediction,
        tasks.title as task_title,
        count(*) over () as total,
        row_number() over (order by samples.number) as place
    from predictions as one
    join predictions as other using (sample, repeat)
    join samples on samples.number = sample
    join tasks using (task)
    where one.run = (select number from runs where run_id = $run_id)
        and other.run = (select number from runs where run_id = $other_id)
        and repeat = 0
        and one.prediction = gold
        and other.prediction is distinct from gold
        and ($task = '' or samples.task = $task)
)

select
    total,
    task,
    task_title,
    sample_id,
    question,
    choices,
    subject,
    safety_tags,
    gold,
    prediction,
    other_prediction
from found
where place > $skip::bigint and place <= $skip::bigint + $page_size::bigint
order by place
