-- An answer sheet is not what the run predicted, or is missing.
with written as (
    select run_id, task, string_agg(coalesce(prediction, '-'), '' order by sample) as picks
    from graded
    semi join loaded using (run)
    where repeat = 0
    group by run_id, task
)

select run_id, task, written.picks as predicted, sheets.picks as sheet
from written
full join (
    select answer_sheets.*
    from answer_sheets
    semi join loaded using (run_id)
) as sheets using (run_id, task)
where written.picks is distinct from replace(sheets.picks, ' ', '')
order by run_id, task
