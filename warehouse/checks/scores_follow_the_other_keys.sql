-- A score with other keys than the original is not the mean of its predictions, or is missing.
with versions as (
    select distinct key_version, task
    from other_keys
),

means as (
    select
        run_id,
        task,
        key_version,
        count(*) as n,
        count(*) filter (
            where case when letters is null then correct else contains(letters, prediction) end
        ) as correct
    from graded
    semi join loaded using (run)
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
    scores.correct as score_correct
from means
full join (
    select *
    from scores
    semi join loaded using (run_id)
    where slice = 'all' and key_version <> 'original'
) as scores using (run_id, task, key_version)
where means.n is distinct from scores.n or means.correct is distinct from scores.correct
order by run_id, task, key_version
