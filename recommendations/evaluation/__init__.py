"""`manage.py evaluate`: how good the lists are, over listening data that nobody here made. Docs: docs/taste.md.

Nothing but the command imports it; only here may numpy and scipy be imported, which are development requirements.
"""
