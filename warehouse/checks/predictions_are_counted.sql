-- A run has another number of predictions for a task than its record says, or more than there are questions.
select run_id, task, run_tasks.predictions as recorded, expected, count(sample_id) as loaded
from run_tasks
left join predictions using (run_id, task)
group by run_id, task, run_tasks.predictions, expected
having count(sample_id) <> run_tasks.predictions or count(distinct sample_id) > expected
order by run_id, task
