-- What did run $run_id answer to each question?
select
    task,
    sample_id,
    repeat,
    prediction,
    gold,
    correct,
    confidence,
    logprobs
from graded
where run_id = $run_id
order by task, position, repeat
