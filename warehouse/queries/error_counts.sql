-- Where are the errors of runs, or of all current ones? By task, subject, safety context and flag.
-- Most first. Of $run_ids, or where none is named of the runs that count, baselines, random weights
-- and runs to be doubted left out, of $models and $lanes where these are not empty. Flags and harm are counted over all tasks.
with chosen as (
    select run_id, task
    from run_tasks
    join runs using (run_id)
    left join counted_runs using (run_id, task)
    where (len($run_ids::varchar[]) = 0 or list_contains($run_ids::varchar[], run_id))
        and (len($run_ids::varchar[]) > 0 or coalesce(votes, false))
        and (len($models::varchar[]) = 0 or list_contains($models::varchar[], model))
        and (len($lanes::varchar[]) = 0 or list_contains($lanes::varchar[], lane))
),

flagged as (
    select flags, harm
    from flagged_answers
    where (len($run_ids::varchar[]) = 0 or list_contains($run_ids::varchar[], run_id))
        and (
            len($run_ids::varchar[]) > 0
            or (run, task) in (select (run, task) from counted_runs where votes)
        )
        and (len($models::varchar[]) = 0 or list_contains($models::varchar[], model))
        and (len($lanes::varchar[]) = 0 or list_contains($lanes::varchar[], lane))
),

labelled as (
    select 'flag' as slice, unnest(flags) as slice_value
    from flagged
    union all
    select 'harm', coalesce(harm, 'unreviewed')
    from flagged
)

select
    slice,
    slice_value,
    task,
    tasks.title as task_title,
    sum(n)::bigint as n,
    sum(n - correct)::bigint as errors
from scores
join chosen using (run_id, task)
join tasks using (task)
where key_version = 'original'
group by slice, slice_value, task, tasks.title
having sum(n - correct) > 0
union all
select slice, slice_value, null, null, (select count(*) from flagged), count(*)
from labelled
group by slice, slice_value
order by slice, errors desc, slice_value, task
