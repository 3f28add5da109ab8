-- Which run of which model answered which task, in which lane?
select number as run, run_id, task, lane, model
from run_tasks
join runs using (run_id)
order by run_id, task
