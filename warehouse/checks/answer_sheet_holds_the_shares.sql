-- An answer sheet has other shares of right answers than the run gave, or has none and should.
with asked as (
    select run_id, task, position, avg(correct::integer) as share, max(repeat) as last
    from graded
    semi join loaded using (run)
    where graded.run in (select run from predictions where repeat > 0)
    group by run_id, task, position
),

given as (
    select run_id, task, list(share order by position) as shares
    from asked
    group by run_id, task
    having max(last) > 0
)

select run_id, task, given.shares as predicted, sheets.shares as sheet
from given
full join (
    select answer_sheets.*
    from answer_sheets
    semi join loaded using (run_id)
    where shares is not null
) as sheets using (run_id, task)
where given.shares is null
    or sheets.shares is null
    or abs(list_sum(given.shares) - list_sum(sheets.shares)) > 1e-9
    or (len(given.shares) = len(sheets.shares) and given.shares <> sheets.shares)
order by run_id, task
