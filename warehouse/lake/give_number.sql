-- Notes that a number is given, so that none is used for two contents.
insert into leaderboard_numbers values (%(number)s)
