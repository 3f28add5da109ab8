-- How did each of the runs $run_ids do on each task, and of how many questions?
select run_id, task, n, expected, accuracy, interval_low, interval_high
from scores
join run_tasks using (run_id, task)
join tasks using (task)
where list_contains($run_ids, run_id) and slice = 'all' and key_version = 'original'
order by position, run_id
