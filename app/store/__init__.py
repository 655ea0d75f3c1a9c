"""Where everything is kept: one port (:mod:`app.store.port`) and what stands behind it."""
