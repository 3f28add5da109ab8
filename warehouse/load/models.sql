-- Replaces the models and revisions in incoming.
delete from models where (model, revision) in (select (model, revision) from incoming);
insert into models by name select * from incoming;
