-- Replaces the marks of the models in incoming.
delete from model_marks where model in (select model from incoming);
insert into model_marks by name select * from incoming order by model;
