-- What did each run of $lane pick that is ranked in all of $tasks?
select ranked_runs.run_id, string_agg(picks, '' order by task) as picks
from ranked_runs
join answer_sheets using (run_id, task)
where lane = $lane and list_contains($tasks, task)
group by ranked_runs.run_id
having count(*) = len($tasks)
order by ranked_runs.run_id
