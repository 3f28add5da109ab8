-- A confidence is not the probability of the likeliest choice, or stands without log-probabilities.
-- They are stored in single precision: that of a whole sentence, about -300, is off by up to 1.5e-5.
with likeliest as (
    select run_id, task, sample_id, confidence, logprobs, list_max(logprobs) as top
    from graded
    semi join loaded using (run)
)

select run_id, task, sample_id, confidence, logprobs
from likeliest
where (confidence is null) <> (logprobs is null)
    or (
        abs(1 / confidence - list_sum(list_transform(logprobs, lambda x: exp(x - top))))
            > 2e-5 - 1.2e-7 * top / confidence
        and not isnan(list_sum(logprobs))
    )
order by run_id, task, sample_id
