-- A review is of a case that is not judged, or of another answer than its case.
select case_number, reviewer, case_reviews.run_id, case_reviews.task, case_reviews.sample_id
from case_reviews
left join judged_cases using (case_number)
where case_reviews.run_id is distinct from judged_cases.run_id
    or case_reviews.task is distinct from judged_cases.task
    or case_reviews.sample_id is distinct from judged_cases.sample_id
    or case_reviews.repeat is distinct from judged_cases.repeat
order by case_number, reviewer
