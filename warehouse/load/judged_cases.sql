-- Replaces the cases in incoming.
delete from judged_cases where case_number in (select case_number from incoming);
insert into judged_cases by name select * from incoming order by case_number;
