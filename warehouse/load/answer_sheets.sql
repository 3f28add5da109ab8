-- Adds the answer sheets of runs in incoming.
insert into answer_sheets by name select * from incoming order by run_id, task;
