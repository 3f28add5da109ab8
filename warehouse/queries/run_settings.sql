-- Who answered in each of the runs $run_ids, how were they asked, and on what machine?
select
    runs.run_id,
    model,
    runs.revision,
    precision,
    lane,
    origin,
    versions::varchar as versions,
    hardware::varchar as hardware,
    list(
        {
            'task': title,
            'data': run_tasks.revision,
            'questions': run_tasks.samples_hash,
            'prompts': prompts_hash
        }
        order by position
    ) as tasks
from runs
join run_tasks using (run_id)
join tasks using (task)
where list_contains($run_ids, runs.run_id)
group by all
order by runs.run_id
