"""What of this installation works and what is to mend, row by row: for `manage.py doctor` and the page in the admin."""
