-- A score is not the mean of its predictions, or is missing.
-- Each of n answers to a question counts for 1 / n of it.
with repeated as (
    select predictions.run, sample, count(*) as times
    from predictions
    semi join loaded using (run)
    where predictions.run in (select run from predictions where repeat > 0)
    group by predictions.run, sample
),

parts as (
    select run_id, task, correct, coalesce(1 / times, 1) as part
    from graded
    semi join loaded using (run)
    left join repeated on repeated.run = graded.run and repeated.sample = graded.sample
),

means as (
    select
        run_id,
        task,
        round(sum(part))::bigint as n,
        coalesce(sum(part) filter (where correct), 0) / sum(part) as accuracy
    from parts
    group by run_id, task
)

select run_id, task, means.accuracy as mean, scores.accuracy as score, means.n, scores.n as score_n
from means
full join (
    select *
    from scores
    semi join loaded using (run_id)
    where slice = 'all' and key_version = 'original'
) as scores using (run_id, task)
where means.n is distinct from scores.n
    or abs(means.accuracy - scores.accuracy) > 1e-12
    or scores.accuracy not between scores.interval_low - 1e-12 and scores.interval_high + 1e-12
order by run_id, task
