-- Replaces the reviews in incoming.
delete from case_reviews
where (case_number, reviewer) in (select (case_number, reviewer) from incoming);
insert into case_reviews by name select * from incoming order by case_number, reviewer;
