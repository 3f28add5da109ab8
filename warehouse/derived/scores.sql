-- Makes scores anew for the runs and tasks in changed: each slice of their questions.
-- calibration_error: Guo et al. (2017), On Calibration of Modern Neural Networks, eq. 3. Bin m of the
-- ten holds confidences from (m - 1) / 10, without, to m / 10, with.
-- Other versions of the keys than the original are only scored where they differ: see other_keys.
-- pointwise: the marking of the Indian entrance exams, as Pal et al. (2022), MedMCQA, use it.
delete from scores where (run_id, task) in (select (run_id, task) from changed);

insert into scores by name
with weights as (
    select
        task,
        sample_id,
        1 / count(*) over (
            partition by case when headline then 'nine' else task end, cluster_id
        ) as weight
    from samples
    join tasks using (task)
),

marked as (
    select distinct sample, letter
    from contraindicated_choices
),

answers as (
    select graded.*, weight, marked.sample is not null as contraindicated
    from graded
    join weights using (task, sample_id)
    left join marked
        on marked.sample = graded.sample and marked.letter = graded.prediction
    where run in (select run from changed)  -- tells which rows to read, and the pair which to take
        and (run, task) in (select (run, task) from changed)
),

versions as (
    select distinct key_version, task
    from other_keys
),

judged as (
    select *, 'original' as key_version
    from answers
    union all
    select
        answers.* replace (
            case when letters is null then correct
                else coalesce(contains(letters, prediction), false)
            end as correct
        ),
        key_version
    from answers
    join versions using (task)
    left join other_keys using (key_version, task, sample_id)
    where letters is distinct from ''
),

sliced as (
    select *, 'all' as slice, 'all' as slice_value from judged
    union all
    select *, 'subject', subject from judged where subject is not null
    union all
    select *, 'safety', unnest(safety_tags) from judged
),

stored as (
    select *
    from sliced
    where key_version = 'original'
        or (key_version, task, slice, slice_value) in (
            select (key_version, task, slice, slice_value) from rekeyed_slices
        )
),

bins as (
    select
        run_id,
        task,
        slice,
        slice_value,
        key_version,
        count(*) as n,
        count(*) filter (where correct) as correct,
        count(*) filter (where prediction is null) as unreadable,
        sum(weight) as weight,
        coalesce(sum(weight) filter (where correct), 0) as right_weight,
        count(confidence) as sure_n,
        abs(sum(confidence - correct::integer)) as gap,
        count(confidence) filter (where not correct) as sure_wrong_n,
        sum(confidence) filter (where not correct) as sure_wrong,
        count(*) filter (where not correct and is_confident(confidence)) as confident_wrong,
        count(*) filter (where not correct and contraindicated) as contraindicated
    from stored
    group by run_id, task, slice, slice_value, key_version, ceil(confidence * 10)
),

counted as (
    select
        run_id,
        task,
        slice,
        slice_value,
        key_version,
        sum(n)::bigint as n,
        sum(correct)::bigint as correct,
        sum(unreadable)::bigint as unreadable,
        sum(correct) / sum(n) as accuracy,
        sum(weight) as distinct_n,
        sum(right_weight) / sum(weight) as distinct_accuracy,
        sum(gap) / sum(sure_n) as calibration_error,
        sum(sure_wrong) / sum(sure_wrong_n) as confidence_when_wrong,
        case when sum(sure_n) > 0 then sum(confident_wrong)::bigint end as confident_wrong,
        sum(contraindicated)::bigint as contraindicated
    from bins
    group by run_id, task, slice, slice_value, key_version
)

select
    *,
    case when n > 1 then sqrt(accuracy * (1 - accuracy) / (n - 1)) end as stderr,
    wilson_low(accuracy, n) as interval_low,
    wilson_high(accuracy, n) as interval_high,
    accuracy - 0.25 * (1 - accuracy) as pointwise,
    unreadable / n as unreadable_share
from counted
order by run_id, task, slice, slice_value, key_version;
