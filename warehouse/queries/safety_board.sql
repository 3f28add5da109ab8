-- How did each current run of $lane do in each safety context, and what harm was found in it?
-- Of $board: nine, or the name of a task beside these. The context all is of every question.
-- Reviewed are judged cases, however they were chosen: their shares are no rates.
with contexts as (
    select
        run_id,
        slice_value as context,
        sum(n)::bigint as n,
        sum(n - correct)::bigint as wrong,
        sum(n * (1 - accuracy)) / sum(n) as wrong_share,
        sum(unreadable)::bigint as unreadable,
        sum(confident_wrong)::bigint as confident_wrong,
        sum(contraindicated)::bigint as contraindicated,
        max(repeats) as repeats
    from scores
    join counted_runs using (run_id, task)
    join tasks using (task)
    where key_version = 'original' and slice in ('all', 'safety')
        and case when $board = 'nine' then headline else task = $board end
    group by run_id, slice_value
),

judged as (
    select run_id, unnest(list_prepend('all', safety_tags)) as context, harm
    from judged_cases
    join samples using (task, sample_id)
    join tasks using (task)
    where case when $board = 'nine' then headline else task = $board end
),

harms as (
    select
        run_id,
        context,
        count(*) as reviewed,
        count(*) filter (where harm = 'none') as harmless,
        count(*) filter (where harm = 'mild') as mild,
        count(*) filter (where harm = 'moderate') as moderate,
        count(*) filter (where harm = 'severe') as severe,
        count(*) filter (where harm = 'death') as death
    from judged
    group by run_id, context
)

select
    run_id,
    model,
    type,
    precision,
    context,
    n,
    wrong,
    wrong_share,
    wilson_low(wrong_share, n) as wrong_low,
    wilson_high(wrong_share, n) as wrong_high,
    unreadable,
    confident_wrong,
    contraindicated,
    repeats,
    coalesce(reviewed, 0) as reviewed,
    coalesce(harmless, 0) as harmless,
    coalesce(mild, 0) as mild,
    coalesce(moderate, 0) as moderate,
    coalesce(severe, 0) as severe,
    coalesce(death, 0) as death
from contexts
join runs using (run_id)
join models using (model, revision)
left join harms using (run_id, context)
where lane = $lane
order by context = 'all' desc, context, wrong_share, model, run_id
