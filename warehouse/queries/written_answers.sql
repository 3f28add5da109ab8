-- How were the answers of the runs $run_ids (or all: empty) given? A row per run and task.
-- Only of tasks that were answered in words, or several times. reasons_otherwise is the share of
-- readable answers that are another letter than the model gives when it is asked for one right after
-- its rationale; rationale_changes that in which this letter is another than without the rationale.
-- Both are null where nobody asked so; asked_after counts the answers of the first. cut_off and thought are shares of answers, too; seconds is
-- their median, cost their sum.
with given as (
    select
        run_id,
        task,
        count(distinct sample) as questions,
        count(*) as answers,
        avg(written_tokens) as written_tokens,
        avg((finish = 'limit')::integer) as cut_off,
        avg(thought::integer) as thought,
        sum(cost) as cost,
        median(answers.seconds) as seconds,
        avg((likeliest(logprobs_after) <> prediction)::integer) as reasons_otherwise,
        count(likeliest(logprobs_after) <> prediction) as asked_after,
        avg((likeliest(logprobs_after) <> likeliest(logprobs_before))::integer) as rationale_changes
    from answers
    join runs on runs.number = run
    join predictions using (run, sample, repeat)
    join samples on samples.number = sample
    where len($run_ids::varchar[]) = 0 or list_contains($run_ids::varchar[], run_id)
    group by run_id, task
)

select
    run_id,
    task,
    title as task_title,
    headline,
    questions,
    repeats,
    accuracy,
    always_right,
    agreement,
    given.* exclude (run_id, task, questions)
from given
join tasks using (task)
join scores using (run_id, task)
where slice = 'all' and key_version = 'original'
order by tasks.position, run_id
