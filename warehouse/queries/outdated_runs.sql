-- Which runs that count were asked other questions, or with other prompts, than one would be now?
-- A row per run and task. Prompts of one lane, task and questions are alike for all models, but
-- where they go through a chat template; the newest run says what they are now. Answers that others
-- collected in lanes of their own cannot be asked again. A run that was refused, most often because
-- the questions are others by now, is not in the warehouse: where a submission stands behind it, it
-- has a row without a task.
with counting as (
    select
        run_id,
        model,
        lane,
        task,
        finished_at,
        run_tasks.samples_hash,
        prompts_hash,
        tasks.samples_hash as loaded
    from run_tasks
    join current_run_tasks using (run_id, task)
    join runs using (run_id)
    join tasks using (task)
    where not starts_with(lane, 'other-')
),

newest as (
    select
        lane,
        task,
        run_tasks.samples_hash,
        max_by(prompts_hash, (finished_at, run_id)) as prompts_hash
    from run_tasks
    join runs using (run_id)
    where prompts_hash is not null
    group by lane, task, run_tasks.samples_hash
)

select
    run_id,
    model,
    lane,
    task,
    case when counting.samples_hash <> loaded
        then 'asked another version of the questions'
        else 'asked with other prompts than the newest run'
    end as why
from counting
left join newest using (lane, task, samples_hash)
where counting.samples_hash <> loaded
    or (not contains(lane, '-chat') and counting.prompts_hash <> newest.prompts_hash)
union all
select run_id, model, lane, null, reason
from submissions
join quarantine on quarantine.source = submissions.run_id and coalesce(file, '') = ''
where state = 'finished' and run_id not in (select run_id from runs)
order by model, lane, run_id, task
