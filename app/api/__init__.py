"""HTTP: a router for each audience. Routers parse and answer; what is done stands in :mod:`app.service`."""
