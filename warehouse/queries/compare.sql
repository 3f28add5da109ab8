-- How often was run $run_id right, run $other_id, both and neither, on the questions of each task?
-- Of repeated answers the first: which of two runs' draws belong together, nothing says.
select
    samples.task,
    tasks.title as task_title,
    count(*) as n,
    count(*) filter (where one.prediction = gold and other.prediction = gold) as both_right,
    count(*) filter (where one.prediction = gold) - both_right as only_one_right,
    count(*) filter (where other.prediction = gold) - both_right as only_other_right,
    n - both_right - only_one_right - only_other_right as neither_right,
    count(*) filter (where one.prediction is not distinct from other.prediction) as same_pick
from predictions as one
join predictions as other using (sample, repeat)
join samples on samples.number = sample
join tasks using (task)
where repeat = 0
    and one.run = (select number from runs where run_id = $run_id)
    and other.run = (select number from runs where run_id = $other_id)
group by samples.task, tasks.title, tasks.position
order by tasks.position
