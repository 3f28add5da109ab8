-- What did each of the runs $run_ids pick in each task, and where it was asked several times, what
-- share of each question's answers is right?
select run_id, task, picks, shares
from answer_sheets
join tasks using (task)
where list_contains($run_ids, run_id)
order by run_id, position
