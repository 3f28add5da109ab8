-- A case stands twice, or an answer has two.
select case_number, run_id, task, sample_id, repeat
from judged_cases
qualify count(*) over (partition by case_number) > 1
    or count(*) over (partition by run_id, task, sample_id, repeat) > 1
order by case_number, run_id, task, sample_id, repeat
