-- A confidence is not the probability of the likeliest choice, or stands without log-probabilities.
select run_id, task, sample_id, confidence, logprobs
from graded
semi join loaded using (run)
where (confidence is null) <> (logprobs is null)
    or (abs(confidence - list_max(probabilities(logprobs))) > 1e-5 and not isnan(list_sum(logprobs)))
order by run_id, task, sample_id
