-- What did each run of $lane that is ranked in $task (or average: the nine) pick?
-- Of questions of tasks in which it was asked several times, shares has the share right; it is null
-- for all other runs, of which lists of nothing would not fit into memory.
with asked as (
    select
        ranked_runs.run_id,
        answer_sheets.task,
        picks,
        shares
    from ranked_runs
    join answer_sheets using (run_id)
    join tasks on tasks.task = answer_sheets.task
    where ranked_runs.lane = $lane
        and ranked_runs.task = $task
        and (answer_sheets.task = $task or ($task = 'average' and headline))
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
order by asked.run_id
