-- What did every current run pick on question $sample_id of $task?
select
    graded.run_id,
    leaderboard.model,
    leaderboard.type,
    leaderboard.lane,
    leaderboard.precision,
    leaderboard.revision,
    graded.prediction,
    graded.correct,
    graded.confidence,
    probabilities(graded.logprobs) as probabilities
from graded
join leaderboard using (run_id)
where graded.task = $task
    and graded.sample_id = $sample_id
order by correct desc, prediction nulls last, model, lane, graded.run_id
