-- How did each current run of $lane do on each kind of question: a subject, or a task of one?
-- Of $board: nine, or the name of a task beside these. Hidden models are left out.
with kinds as (
    select
        task,
        count(distinct subject) > 1 as has_several
    from samples
    group by task
)

select
    scores.run_id,
    scores.task,
    case when has_several then slice_value end as subject,
    title,
    benchmark,
    type,
    n,
    correct,
    accuracy,
    interval_low,
    interval_high
from scores
join shown_run_tasks using (run_id, task)
join runs on runs.run_id = scores.run_id
join models using (model, revision)
join tasks on tasks.task = scores.task
join kinds on kinds.task = scores.task
where lane = $lane
    and case when $board = 'nine' then headline else scores.task = $board end
    and key_version = 'original'
    and slice = case when has_several then 'subject' else 'all' end
order by tasks.position, subject, scores.run_id
