"""All that is legal, and what it costs: options as factors, sized and priced where one is wanted."""
