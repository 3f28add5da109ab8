-- Which scores has each run of a model that is not hidden, on whole tasks, and who answered how?
select
    runs.run_id,
    runs.model,
    runs.revision,
    type,
    precision,
    lane,
    origin,
    finished_at,
    scores.task,
    title,
    dataset,
    split,
    run_tasks.revision as data_revision,
    n,
    accuracy,
    stderr,
    interval_low,
    interval_high
from runs
join models using (model, revision)
join scores using (run_id)
join run_tasks using (run_id, task)
join tasks using (task)
where slice = 'all'
    and key_version = 'original'
    and runs.model not in (select model from model_marks where kind = 'hidden')
order by runs.run_id, tasks.position
