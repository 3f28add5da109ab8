-- What was run $run_id asked, and what did it answer, every repeat? With the question's own words.
select
    task,
    sample_id,
    repeat,
    context,
    graded.question,
    graded.choices,
    graded.gold,
    prediction,
    correct,
    graded.subject,
    content_hash
from graded
join samples using (task, sample_id)
where run_id = $run_id
order by task, graded.position, repeat
