"""What commands do: what they ask of the REST API, and which exit code they leave with."""
