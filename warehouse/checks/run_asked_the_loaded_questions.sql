-- A run was asked other questions, or with other keys, than those that are loaded.
select run_id, task, run_tasks.samples_hash as asked, tasks.samples_hash as loaded
from run_tasks
left join tasks using (task)
where run_tasks.samples_hash is distinct from tasks.samples_hash
order by run_id, task
