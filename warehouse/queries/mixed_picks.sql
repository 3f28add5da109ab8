-- What did each run of $lane pick that is ranked in all of $tasks?
-- Of questions of tasks in which it was asked several times, shares has the share right.
select
    ranked_runs.run_id,
    string_agg(picks, '' order by task) as picks,
    case when count(shares) > 0 then flatten(list(
        coalesce(shares, list_transform(range(len(picks)), lambda place: null::double))
        order by task
    )) end as shares
from ranked_runs
join answer_sheets using (run_id, task)
where lane = $lane and list_contains($tasks, task)
group by ranked_runs.run_id
having count(*) = len($tasks)
order by ranked_runs.run_id
