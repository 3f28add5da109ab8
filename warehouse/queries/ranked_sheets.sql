-- What did each run of $lane that is ranked in $task (or average: the nine) pick?
-- Of questions of tasks in which it was asked several times, shares has the share right.
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
    joined_shares(shares, picks, is_several, task) as shares
from asked
left join several using (run_id)
group by asked.run_id
order by asked.run_id
