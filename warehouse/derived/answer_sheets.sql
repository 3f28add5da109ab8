-- Makes answer_sheets anew for the runs and tasks in changed.
delete from answer_sheets where (run_id, task) in (select (run_id, task) from changed);

insert into answer_sheets by name
select
    changed.run_id,
    changed.task,
    string_agg(
        case
            when predictions.run is null then ' '
            when prediction in ('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J') then prediction
            else '-'
        end,
        '' order by samples.position
    ) as picks
from changed
join samples using (task)
left join predictions
    on predictions.run = changed.run
    and predictions.sample = samples.number
    and predictions.repeat = 0
group by changed.run_id, changed.task
order by changed.run_id, changed.task;
