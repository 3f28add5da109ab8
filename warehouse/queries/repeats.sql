-- What did run $run_id answer to question $sample_id of $task, each time that it was asked?
-- With the probability of each choice, in the source's order; before and after are those without a
-- rationale and right after the model's own, and their picks the likeliest choices. How an answer
-- was given is null where choices were scored once.
select
    predictions.repeat,
    prediction,
    coalesce(prediction = gold, false) as correct,
    confidence,
    probabilities(logprobs) as probabilities,
    tokens,
    written_tokens,
    seconds,
    cost,
    finish,
    thought,
    probabilities(logprobs_before) as before,
    probabilities(logprobs_after) as after,
    likeliest(logprobs_before) as pick_before,
    likeliest(logprobs_after) as pick_after
from predictions
join samples on samples.number = predictions.sample
left join answers
    on answers.run = predictions.run
    and answers.sample = predictions.sample
    and answers.repeat = predictions.repeat
where task = $task
    and sample_id = $sample_id
    and predictions.run = (select number from runs where run_id = $run_id)
order by predictions.repeat
