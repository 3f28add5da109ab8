-- A prediction answers a question that is not loaded.
select run_id, task, sample_id
from predictions
anti join samples using (task, sample_id)
order by run_id, task, sample_id
