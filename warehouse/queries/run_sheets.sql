-- What did each of the runs $run_ids pick in each task?
select run_id, task, picks
from answer_sheets
join tasks using (task)
where list_contains($run_ids, run_id)
order by run_id, position
