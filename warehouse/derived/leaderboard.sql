-- Makes leaderboard anew: a row per current run, and one per published entry.
-- Of several runs of one model, revision, precision and lane, one that nothing speaks against is
-- current, then the most complete, then the latest. A task that is none of the nine, such as the
-- demonstration, has rows of its own (board is its name), also where one run answered both. Hidden
-- models have no row.
delete from leaderboard;

insert into leaderboard by name
with given as (  -- a question's number begins with that of its task
    select
        run as given_by,
        task as given_on,
        count(written_tokens) as with_tokens,
        sum(written_tokens) as tokens,
        count(cost) as with_cost,
        sum(cost) as cost
    from answers
    join tasks on tasks.position = sample // 100000
    group by run, task
),

task_scores as (
    select
        scores.run_id as entry,
        headline,
        case when headline then 'nine' else task end as board,
        task,
        accuracy,
        interval_low as low,
        interval_high as high,
        n,
        unreadable,
        distinct_n,
        distinct_accuracy,
        case when repeats > 1 then stderr * stderr else accuracy * (1 - accuracy) / (n - 1) end
            as variance,
        predictions = expected as complete,
        always_right,
        agreement,
        with_tokens,
        tokens,
        with_cost,
        cost
    from scores
    join run_tasks using (run_id, task)
    join tasks using (task)
    join runs using (run_id)
    left join given on given_by = runs.number and given_on = scores.task
    where slice = 'all' and key_version = 'original'
    union all
    select
        entry,
        headline,
        case when headline then 'nine' else task end as board,
        task,
        accuracy,
        wilson_low(accuracy, n),
        wilson_high(accuracy, n),
        n,
        null,
        null,
        null,
        accuracy * (1 - accuracy) / (n - 1),
        true,
        null,
        null,
        null,
        null,
        null,
        null
    from reported_scores
    join tasks using (task)
),

wide as (
    pivot (select entry, board, task, accuracy, low, high from task_scores)
    on task in (
        'medqa_4options', 'medmcqa', 'pubmedqa', 'mmlu_anatomy', 'mmlu_clinical_knowledge',
        'mmlu_college_biology', 'mmlu_college_medicine', 'mmlu_medical_genetics',
        'mmlu_professional_medicine', 'sample'
    )
    using max(accuracy) as accuracy, max(low) as low, max(high) as high
    group by entry, board
),

totals as (
    select
        entry,
        board,
        headline,
        count(*) filter (where headline and complete) as tasks_complete,
        count(*) filter (where headline) as tasks_answered,
        coalesce(list(task order by task) filter (where not complete), []) as partial_tasks,
        sum(n)::bigint as answered,
        sum(unreadable)::bigint as unreadable,
        case when not headline then any_value(accuracy) end as accuracy,
        case when not headline then any_value(low) end as accuracy_low,
        case when not headline then any_value(high) end as accuracy_high,
        avg(accuracy) as mean,
        sqrt(sum(variance)) / 9 as mean_stderr,
        count(n) as with_n,
        sum(accuracy * n) / sum(n) as weighted,
        sum(distinct_accuracy * distinct_n) / sum(distinct_n) as deduplicated,
        sum(always_right * n) / sum(n) filter (where always_right is not null) as always_right,
        sum(agreement * n) / sum(n) filter (where agreement is not null) as agreement,
        sum(tokens) / sum(with_tokens) as tokens_per_answer,
        1000 * sum(cost) / sum(with_cost) as cost_per_1000
    from task_scores
    group by entry, board, headline
),

rekeyed as (
    select distinct key_version
    from rekeyed_slices
    join tasks using (task)
    where headline
),

other_averages as (
    select
        run_id as entry,
        avg(accuracy) filter (where key_version = 'reviewed') as reviewed,
        avg(accuracy) filter (where key_version = 'undisputed') as undisputed
    from scores_by_key
    join rekeyed using (key_version)
    join tasks using (task)
    where slice = 'all' and headline
    group by run_id
),

entries as (
    select
        run_id as entry,
        origin,
        run_id,
        lane,
        runs.model,
        runs.revision,
        precision,
        type,
        parameters,
        suspect is not null as suspect,
        suspect as note,
        null::varchar as source_url,
        finished_at
    from runs
    join models using (model, revision)
    union all
    select
        entry,
        'published',
        null,
        any_value(lane),
        any_value(model),
        null,
        null,
        any_value(type),
        any_value(parameters),
        bool_or(suspect),
        any_value(note),
        any_value(source_url),
        null
    from reported_scores
    group by entry
)

select
    entries.*,
    board,
    headline,
    tasks_complete,
    tasks_answered,
    partial_tasks,
    answered,
    unreadable,
    case when tasks_complete = 9 then mean end as average,
    case when tasks_complete = 9 and with_n = 9
        then greatest(mean - 1.959963984540054 * mean_stderr, 0) end as average_low,
    case when tasks_complete = 9 and with_n = 9
        then least(mean + 1.959963984540054 * mean_stderr, 1) end as average_high,
    case when tasks_complete = 9 and with_n = 9 then weighted end as weighted_average,
    case when tasks_complete = 9 then deduplicated end as deduplicated_average,
    case when tasks_complete = 9 then reviewed end as average_reviewed,
    case when tasks_complete = 9 then undisputed end as average_undisputed,
    always_right,
    agreement,
    tokens_per_answer,
    cost_per_1000,
    accuracy,
    columns('(.*)_accuracy') as '\1',
    columns('.*_(low|high)$')
from entries
join totals using (entry)
left join wide using (entry, board)
left join other_averages using (entry)
where model not in (select model from model_marks where kind = 'hidden')
qualify origin = 'published' or row_number() over (
    partition by model, revision, precision, lane, board
    order by suspect, answered desc, finished_at desc, entry desc
) = 1
order by lane, average desc nulls last, model, entry;
