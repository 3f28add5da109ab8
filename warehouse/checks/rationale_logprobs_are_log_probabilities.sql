-- A log-probability before or after a rationale is positive, infinite or not a number, or not one per choice.
with weighed as (
    select answers.run, sample, repeat, unnest([logprobs_before, logprobs_after]) as logprobs
    from answers
    semi join loaded using (run)
)

select run_id, task, sample_id, logprobs, len(choices) as choices
from weighed
join runs on runs.number = weighed.run
join samples on samples.number = weighed.sample
where logprobs is not null
    and (
        len(logprobs) <> len(choices)
        or len(list_filter(logprobs, lambda x: x is null or not isfinite(x) or x > 0)) > 0
    )
order by run_id, task, sample_id, repeat
