"""`make chaos`: the job is killed, stopped, robbed and lied to, and must leave one right playlist all the same."""
