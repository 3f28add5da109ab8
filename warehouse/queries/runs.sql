-- Which runs are there, how much did each answer, and how many rightly?
select
    runs.run_id,
    runs.model,
    runs.revision,
    type,
    precision,
    lane,
    origin,
    sum(scores.n)::bigint as answered,
    sum(scores.correct)::bigint as correct,
    sum(scores.unreadable)::bigint as unreadable,
    list(task order by task) as tasks,
    finished_at,
    runs.run_id in (select run_id from current_run_tasks) as current,
    runs.model in (select model from model_marks where kind = 'hidden') as hidden
from runs
join models using (model, revision)
join scores using (run_id)
where slice = 'all' and key_version = 'original'
group by all
order by runs.model, lane, finished_at desc, runs.run_id
