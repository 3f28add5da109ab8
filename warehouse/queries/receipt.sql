-- How was run $run_id made, and from what? A row per task.
select
    run_tasks.task,
    tasks.title as task_title,
    tasks.dataset,
    run_tasks.revision as data_revision,
    run_tasks.samples_hash,
    run_tasks.prompts_hash,
    run_tasks.source,
    run_tasks.source_hash,
    run_tasks.reading,
    run_tasks.run_id,
    runs.model,
    runs.revision,
    weights,
    base,
    base_revision,
    precision,
    lane,
    origin,
    started_at,
    finished_at,
    seconds,
    command,
    versions::varchar as versions,
    hardware::varchar as hardware,
    supersedes,
    record_hash
from run_tasks
join runs using (run_id)
join models on models.model = runs.model and models.revision = runs.revision
join tasks on tasks.task = run_tasks.task
where run_id = $run_id
order by tasks.position
