-- What did run $run_id get wrong? $page_size questions after the first $skip; see wrong_answers.
select
    number,
    total,
    task,
    task_title,
    sample_id,
    question,
    choices,
    subject,
    topic,
    safety_tags,
    gold,
    prediction,
    confidence
from wrong_answers($run_id, $task, $subject, $safety, $search, $by)
where number > $skip::bigint and number <= $skip::bigint + $page_size::bigint
order by number
