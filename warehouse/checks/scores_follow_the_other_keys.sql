-- A score with other keys than the original is not the mean of its predictions, or is missing.
-- Each of n answers to a question counts for 1 / n of it.
with repeated as (
    select predictions.run, sample, count(*) as times
    from predictions
    semi join loaded using (run)
    where predictions.run in (select run from predictions where repeat > 0)
    group by predictions.run, sample
),

versions as (
    select distinct key_version, task
    from other_keys
),

means as (
    select
        run_id,
        task,
        key_version,
        round(sum(coalesce(1 / times, 1)))::bigint as n,
        coalesce(sum(coalesce(1 / times, 1)) filter (
            where case when letters is null then correct else contains(letters, prediction) end
        ), 0) as correct
    from graded
    semi join loaded using (run)
    left join repeated on repeated.run = graded.run and repeated.sample = graded.sample
    join versions using (task)
    left join other_keys using (key_version, task, sample_id)
    where letters is distinct from ''
    group by run_id, task, key_version
)

select
    run_id,
    task,
    key_version,
    means.n,
    means.correct,
    scores.n as score_n,
    scores.accuracy * scores.n as score_correct
from means
full join (
    select *
    from scores
    semi join loaded using (run_id)
    where slice = 'all' and key_version <> 'original'
) as scores using (run_id, task, key_version)
where means.n is distinct from scores.n
    or abs(means.correct - scores.accuracy * scores.n) > 1e-9 * scores.n
order by run_id, task, key_version
