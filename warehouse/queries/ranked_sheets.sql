-- What did each run of $lane that is ranked in $task (or average: the nine) pick?
select ranked_runs.run_id, string_agg(picks, '' order by answer_sheets.task) as picks
from ranked_runs
join answer_sheets using (run_id)
join tasks on tasks.task = answer_sheets.task
where ranked_runs.lane = $lane
    and ranked_runs.task = $task
    and (answer_sheets.task = $task or ($task = 'average' and headline))
group by ranked_runs.run_id
order by ranked_runs.run_id
