"""Pictures for reports: the map, and how a solve converged. Imported only by who draws; matplotlib takes a second."""
