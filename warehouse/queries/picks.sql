-- What did every current run, and run $run_id, pick on question $sample_id of $task?
-- Hidden models are left out, but for that run. The probabilities of all choices are its own.
with question as (
    select number, gold
    from samples
    where task = $task and sample_id = $sample_id
),

own as (
    select predictions.run, repeat, probabilities(logprobs) as probabilities
    from predictions
    join question on question.number = predictions.sample
    where run = (select number from runs where run_id = $run_id)
),

current_runs as (
    select run_id
    from shown_run_tasks
    where task = $task
)

select
    runs.run_id,
    runs.model,
    models.type,
    runs.lane,
    runs.precision,
    runs.revision,
    predictions.repeat,
    prediction,
    coalesce(prediction = gold, false) as correct,
    confidence,
    probabilities,
    current_runs.run_id is not null as current
from question
join predictions on predictions.sample = question.number
join runs on runs.number = predictions.run
join models using (model, revision)
left join current_runs on current_runs.run_id = runs.run_id
left join own on own.run = predictions.run and own.repeat = predictions.repeat
where current or runs.run_id = $run_id
order by correct desc, prediction nulls last, model, lane, runs.run_id, predictions.repeat
