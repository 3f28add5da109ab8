-- What do clinicians say of the answers to question $sample_id of $task? Cases that are done, only.
select
    judged_cases.case_number,
    judged_cases.run_id,
    model,
    lane,
    case_reviews.repeat,
    prediction,
    judged_cases.harm as judged_harm,
    settled,
    reviewer,
    role,
    case_reviews.harm,
    likelihood,
    kind,
    unsafe_reasoning,
    case_reviews.confidence,
    comment,
    reviewed_at
from case_reviews
join judged_cases on judged_cases.case_number = case_reviews.case_number
join runs on runs.run_id = judged_cases.run_id
where judged_cases.task = $task and judged_cases.sample_id = $sample_id
order by model, lane, runs.run_id, judged_cases.case_number, reviewed_at, reviewer
