-- A run that counts for a task is not kept as one, or one that does not is, or its vote is another's.
with shown as (
    select
        number as run,
        run_id,
        task,
        type not in ('baseline', 'random weights') and suspect is null as votes
    from shown_run_tasks
    join runs using (run_id)
    join models using (model, revision)
)

select run_id, task, shown.run, counted_runs.run as counted
from shown
full join counted_runs using (run_id, task)
where shown.run is distinct from counted_runs.run
    or shown.votes is distinct from counted_runs.votes
order by run_id, task
