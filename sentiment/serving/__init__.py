"""The HTTP service of a trained model, and its page.

server.py     sockets, workers, start and end
protocol.py   what HTTP itself needs: limits of time, header and connections, errors in the documented form
descriptors.py    how many connections a process can hold
app.py        the routes
files/        whole files: their route, and the process that reads and predicts one
schemas.py    what goes in and out, and the limits
problems.py   the one form of an error: RFC 9457
micro_batches.py  requests that wait together are predicted together, each getting its share
metrics.py    what Prometheus scrapes
page/         the page at /
"""
