-- Forgets ranks and statistics of questions in the lanes and tasks in incoming, of which a model is
-- hidden from now on, or no longer: they are made anew, and where nobody is left, there are none.
delete from rank_intervals where (lane, task) in (select (lane, task) from incoming);
delete from rank_intervals where task = 'average' and lane in (select lane from incoming);
delete from sample_stats where (lane, task) in (select (lane, task) from incoming);
delete from suspect_keys where task in (select task from incoming);
delete from sample_picks where task in (select task from incoming);
