-- What did each current run of $lane pick in $task? Hidden models are left out.
select run_id, picks
from answer_sheets
join shown_run_tasks using (run_id, task)
join runs using (run_id)
where lane = $lane and task = $task
order by run_id
