-- Which flags have the wrong answers to question $sample_id of $task, and what do they rest on?
-- Of all runs that count for the task, and of run $run_id.
select
    flags.run_id,
    model,
    lane,
    repeat,
    prediction,
    flag,
    kind,
    words,
    start,
    end_,
    rule,
    context,
    context_words,
    why,
    source,
    strength,
    confidence,
    alike,
    out_of
from flags
where task = $task
    and sample_id = $sample_id
    and (run_id = $run_id or run in (select run from counted_runs where task = $task))
order by model, lane, run_id, repeat, flag, rule, start
