-- Forgets the runs in incoming and all that hangs on them.
delete from predictions
where run in (select number from runs where run_id in (select run_id from incoming));
delete from answers
where run in (select number from runs where run_id in (select run_id from incoming));
delete from prediction_flags
where run in (select number from runs where run_id in (select run_id from incoming));
delete from answer_sheets where run_id in (select run_id from incoming);
delete from scores where run_id in (select run_id from incoming);
delete from rank_intervals where run_id in (select run_id from incoming);
delete from run_tasks where run_id in (select run_id from incoming);
delete from runs where run_id in (select run_id from incoming);
