-- A prediction belongs to no run and task that is loaded.
select run_id, task, count(*) as predictions
from predictions
anti join run_tasks using (run_id, task)
group by run_id, task
order by run_id, task
