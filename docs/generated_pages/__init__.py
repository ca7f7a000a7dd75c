"""Pages of the site that are written from the program itself: laws, equations, keys, variables, commands,
names."""
