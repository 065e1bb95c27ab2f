"""Whole files over HTTP: read by the one reader and predicted as `sentiment predict --input` does.

route.py    the route: the upload, and the answer
places.py   how many files are predicted at a time, and what becomes of the others
child.py    one file's process as the service sees it: started, watched, ended
process.py  one file's process as it sees itself
job.py      what the two say to each other, and the limits
"""
