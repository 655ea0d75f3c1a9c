"""The service around the solver: what it keeps, who may ask for what over HTTP, and where solves run."""
