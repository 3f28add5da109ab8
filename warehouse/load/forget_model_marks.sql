-- Forgets the marks of the models in incoming, which are cleared of them.
delete from model_marks where model in (select model from incoming);
