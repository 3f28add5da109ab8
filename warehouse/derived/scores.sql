-- Makes scores anew for the runs and tasks in changed: each slice of their questions.
-- calibration_error: Guo et al. (2017), On Calibration of Modern Neural Networks, eq. 3. Bin m of the
-- ten holds confidences from (m - 1) / 10, without, to m / 10, with.
-- Other versions of the keys than the original are only scored where they differ: see other_keys.
-- A question that was asked several times counts once, by the share of its repeats that are right:
-- each of n answers to it has the part 1 / n. Its interval is Wilson's with the effective number of
-- questions (Korn & Graubard 1998, Survey Methodology 24:193), p (1 - p) / stderr² + 1, which is the
-- number itself where each is asked once. Calibration is of all answers alike; confident and
-- contraindicated ones are counted, each of them, since a rare one must not be rounded away.
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

tallies as (
    select run, sample, prediction, count(*) as times
    from predictions
    where run in (select run from predictions where repeat > 0 and run in (select run from changed))
    group by run, sample, prediction
),

repeated as (
    select
        run,
        sample,
        sum(times) as times,
        coalesce(max(times) filter (where prediction is not null), 0) / sum(times) as agreement
    from tallies
    group by run, sample
),

answered as (
    select
        graded.*,
        weight,
        marked.sample is not null as contraindicated,
        times,
        agreement,
        coalesce(1 / times, 1) as part
    from graded
    join weights using (task, sample_id)
    left join marked
        on marked.sample = graded.sample and marked.letter = graded.prediction
    left join repeated on repeated.run = graded.run and repeated.sample = graded.sample
    where graded.run in (select run from changed)  -- which rows to read; the pair, which to take
        and (graded.run, task) in (select (run, task) from changed)
),

versions as (
    select distinct key_version, task
    from other_keys
),

judged as (
    select *, 'original' as key_version
    from answered
    union all
    select
        answered.* replace (
            case when letters is null then correct
                else coalesce(contains(letters, prediction), false)
            end as correct
        ),
        key_version
    from answered
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
        sum(part) as n,
        coalesce(sum(part) filter (where correct), 0) as correct,
        coalesce(sum(part) filter (where prediction is null), 0) as unreadable,
        sum(weight * part) as weight,
        coalesce(sum(weight * part) filter (where correct), 0) as right_weight,
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
        round(sum(n))::bigint as n,
        round(sum(correct))::bigint as correct,
        round(sum(unreadable))::bigint as unreadable,
        sum(correct) / sum(n) as accuracy,
        sum(unreadable) / sum(n) as unreadable_share,
        sum(weight) as distinct_n,
        sum(right_weight) / sum(weight) as distinct_accuracy,
        sum(gap) / sum(sure_n) as calibration_error,
        sum(sure_wrong) / sum(sure_wrong_n) as confidence_when_wrong,
        case when sum(sure_n) > 0 then sum(confident_wrong)::bigint end as confident_wrong,
        sum(contraindicated)::bigint as contraindicated
    from bins
    group by run_id, task, slice, slice_value, key_version
),

shares as (
    select
        run_id,
        task,
        slice,
        slice_value,
        key_version,
        any_value(times) as times,
        any_value(agreement) as agreement,
        avg(correct::integer) as share
    from stored
    where times is not null
    group by run_id, task, slice, slice_value, key_version, sample
),

spreads as (
    select
        run_id,
        task,
        slice,
        slice_value,
        key_version,
        max(times)::bigint as repeats,
        avg((share = 1)::integer) as always_right,
        avg(agreement) as agreement,
        stddev_samp(share) / sqrt(count(*)) as spread
    from shares
    group by run_id, task, slice, slice_value, key_version
    having repeats > 1
),

measured as (
    select
        * exclude (repeats),
        coalesce(repeats, 1) as repeats,
        case
            when n = 1 then null
            when repeats is null then sqrt(accuracy * (1 - accuracy) / (n - 1))
            else spread
        end as stderr,
        case when spread > 0 then accuracy * (1 - accuracy) / (spread * spread) + 1 else n end
            as effective
    from counted
    left join spreads using (run_id, task, slice, slice_value, key_version)
)

select
    * exclude (spread, effective),
    wilson_low(accuracy, effective) as interval_low,
    wilson_high(accuracy, effective) as interval_high,
    accuracy - 0.25 * (1 - accuracy) as pointwise
from measured
order by run_id, task, slice, slice_value, key_version;
