-- What did runs get wrong? $page_size answers after the first $skip; see wrong_answers.
-- several says whether the run answered each question of the task several times.
with asked_again as (
    select run_id, task
    from answer_sheets
    where shares is not null
)

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
    asked_again.task is not null as several,
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
left join asked_again on asked_again.run_id = runs.run_id and asked_again.task = samples.task
where page.number > $skip::bigint and page.number <= $skip::bigint + $page_size::bigint
order by page.number
