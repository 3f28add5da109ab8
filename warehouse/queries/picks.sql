-- What did every current run, and run $run_id, pick on question $sample_id of $task?
select
    graded.run_id,
    runs.model,
    models.type,
    runs.lane,
    runs.precision,
    runs.revision,
    graded.prediction,
    graded.correct,
    graded.confidence,
    probabilities(graded.logprobs) as probabilities,
    graded.run_id in (select run_id from current_run_tasks where task = $task) as current
from graded
join runs using (run_id)
join models using (model, revision)
where graded.task = $task
    and graded.sample_id = $sample_id
    and (
        graded.run_id = $run_id
        or graded.run_id in (select run_id from current_run_tasks where task = $task)
    )
order by correct desc, prediction nulls last, model, lane, graded.run_id
