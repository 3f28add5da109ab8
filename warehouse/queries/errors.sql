-- What did runs get wrong? $page_size answers after the first $skip; see wrong_answers.
select
    number,
    total,
    run_id,
    model,
    lane,
    task,
    task_title,
    sample_id,
    repeat,
    question,
    choices,
    subject,
    topic,
    safety_tags,
    gold,
    prediction,
    confidence,
    flags,
    harm
from wrong_answers(
    $run_ids::varchar[], $models::varchar[], $lanes::varchar[],
    $task, $subject, $safety, $flag, $harm, $search, $by
)
where number > $skip::bigint and number <= $skip::bigint + $page_size::bigint
order by number
