-- What did runs get wrong? $page_size answers after the first $skip; see wrong_answers.
select
    page.number,
    total,
    runs.run_id,
    runs.model,
    runs.lane,
    samples.task,
    title as task_title,
    samples.sample_id,
    repeat,
    question,
    choices,
    samples.subject,
    topic,
    samples.safety_tags,
    samples.gold,
    prediction,
    confidence,
    flags,
    harm
from wrong_answers(
    $run_ids::varchar[], $models::varchar[], $lanes::varchar[],
    $task, $subject, $safety, $flag, $harm, $search, $by
) as page
join runs on runs.number = page.run
join samples on samples.number = page.sample
join tasks on tasks.task = samples.task
where page.number > $skip::bigint and page.number <= $skip::bigint + $page_size::bigint
order by page.number
