-- What was submitted, and where does it stand? As of when the snapshot was published, newest first.
select
    number,
    model,
    revision,
    precision,
    lane,
    tasks,
    weights,
    base,
    state,
    code,
    message,
    submitted_at,
    since,
    snapshot,
    run_id,
    submitter
from submissions
order by number desc
