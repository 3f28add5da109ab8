-- Adds published scores; those of an older state of the file are forgotten first.
insert into reported_scores by name select * from incoming;
