-- What did strong models pick in $task?
-- Strong is a model with a current run, in any lane, whose 95% interval on the task lies above 60%,
-- which is about what passes a licensing exam. Its best run is its one vote. Hidden models have none.
select run_id, picks
from answer_sheets
join shown_run_tasks using (run_id, task)
join scores using (run_id, task)
join runs using (run_id)
where task = $task
    and slice = 'all'
    and key_version = 'original'
    and interval_low > 0.6
qualify row_number() over (partition by model order by accuracy desc, run_id) = 1
order by run_id
