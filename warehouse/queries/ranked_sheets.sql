-- What did each run of $lane that is ranked in $task (or average: the nine) pick?
-- Of questions of tasks in which it was asked several times, shares has the share right.
select
    ranked_runs.run_id,
    string_agg(picks, '' order by answer_sheets.task) as picks,
    case when count(shares) > 0 then flatten(list(
        coalesce(shares, list_transform(range(len(picks)), lambda place: null::double))
        order by answer_sheets.task
    )) end as shares
from ranked_runs
join answer_sheets using (run_id)
join tasks on tasks.task = answer_sheets.task
where ranked_runs.lane = $lane
    and ranked_runs.task = $task
    and (answer_sheets.task = $task or ($task = 'average' and headline))
group by ranked_runs.run_id
order by ranked_runs.run_id
