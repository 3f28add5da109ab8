-- A run stands twice.
select run_id, count(*) as times from runs group by run_id having count(*) > 1 order by run_id
