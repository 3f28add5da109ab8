-- What did each run that counts for $task pick, in any lane? Baselines, random weights and runs to be
-- doubted are left out.
select run_id, picks
from answer_sheets
join counted_runs using (run_id, task)
where task = $task and votes
order by run_id
