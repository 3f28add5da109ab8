-- Which keys are disputed, why, and what was ruled? Of question $sample_id of $task where these are
-- not empty. Open ones first, the newest first.
select
    key_disputes.number,
    task,
    title as task_title,
    sample_id,
    key_disputes.gold,
    wanted,
    reason,
    key_disputes.reference,
    disputer,
    disputed_at,
    state,
    letters,
    why,
    version,
    ruled_at,
    question,
    choices,
    suspected,
    agreeing,
    strong
from key_disputes
join samples using (task, sample_id)
join tasks using (task)
left join suspect_keys using (task, sample_id)
where ($task = '' or task = $task) and ($sample_id = '' or sample_id = $sample_id)
order by state <> 'open', disputed_at desc, key_disputes.number desc
