-- Adds how the answers in incoming were given; those of known runs are forgotten with them.
insert into answers by name select * from incoming order by run, sample, repeat;
