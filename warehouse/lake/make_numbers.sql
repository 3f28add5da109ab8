-- Makes the table of the numbers that were given.
create table if not exists leaderboard_numbers (number bigint not null)
