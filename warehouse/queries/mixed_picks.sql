-- What did each run of $lane pick that is ranked in all of $tasks?
-- Of questions of tasks in which it was asked several times, shares has the share right; it is null
-- for all other runs.
with asked as (
    select run_id, task, picks, shares
    from ranked_runs
    join answer_sheets using (run_id, task)
    where lane = $lane and list_contains($tasks, task)
),

several as (
    select distinct run_id, true as is_several
    from asked
    where shares is not null
)

select
    asked.run_id,
    string_agg(picks, '' order by task) as picks,
    flatten(list(
        case when is_several
            then coalesce(shares, list_transform(range(len(picks)), lambda place: null::double))
        end
        order by task
    ) filter (where is_several)) as shares
from asked
left join several using (run_id)
group by asked.run_id
having count(*) = len($tasks)
order by asked.run_id
