-- What did each run of $model answer, and which run counts for each task? A row per run and task.
with counting as (
    select
        runs.model,
        runs.revision,
        precision,
        lane,
        task,
        current_run_tasks.run_id as counting_id
    from current_run_tasks
    join runs using (run_id)
    where runs.model = $model
)

select
    runs.run_id,
    runs.revision,
    models.type,
    models.parameters,
    models.architecture,
    models.licence,
    models.released_at,
    models.trained_on,
    coalesce(overlapping, []) as overlapping,
    models.weights,
    models.base,
    models.base_revision,
    runs.precision,
    runs.lane,
    runs.origin,
    runs.finished_at,
    runs.suspect,
    run_tasks.task,
    tasks.title as task_title,
    run_tasks.predictions,
    run_tasks.expected,
    counting_id
from runs
join models using (model, revision)
left join train_overlaps using (model, revision)
join run_tasks using (run_id)
join tasks on tasks.task = run_tasks.task
join counting
    on counting.revision = runs.revision
    and counting.precision is not distinct from runs.precision
    and counting.lane = runs.lane
    and counting.task = run_tasks.task
where runs.model = $model
order by runs.finished_at desc, runs.run_id desc, tasks.position
