-- A task stands twice.
select task, count(*) as times from tasks group by task having count(*) > 1 order by task
