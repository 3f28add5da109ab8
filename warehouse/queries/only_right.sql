-- Which questions of $task (or all: empty) has run $run_id right and run $other_id wrong?
-- Of runs that were asked several times those that the one has right more often; other_prediction
-- is the first wrong answer of the other, and repeat which of its answers that is.
-- $page_size of them after the first $skip, in their order; total counts them all.
with one as (
    select sample, avg(coalesce(prediction = gold, false)::integer) as share
    from predictions
    join samples on samples.number = sample
    where run = (select number from runs where run_id = $run_id)
    group by sample
),

other as (
    select
        sample,
        avg(coalesce(prediction = gold, false)::integer) as share,
        first(prediction order by repeat) filter (prediction is distinct from gold) as prediction,
        min(repeat) filter (prediction is distinct from gold) as repeat
    from predictions
    join samples on samples.number = sample
    where run = (select number from runs where run_id = $other_id)
    group by sample
),

found as (
    select
        samples.*,
        other.prediction as other_prediction,
        other.repeat,
        tasks.title as task_title,
        count(*) over () as total,
        row_number() over (order by samples.number) as place
    from one
    join other using (sample)
    join samples on samples.number = sample
    join tasks using (task)
    where one.share > other.share
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
    other_prediction,
    repeat
from found
where place > $skip::bigint and place <= $skip::bigint + $page_size::bigint
order by place
