-- Replaces the contraindicated choices of the questions in incoming, which are loaded before.
delete from contraindicated_choices
where sample in (select number from samples where task in (select task from incoming));
insert into contraindicated_choices by name
select number as sample, incoming.* exclude (task, sample_id)
from incoming
join samples using (task, sample_id)
order by sample, letter, rule;
