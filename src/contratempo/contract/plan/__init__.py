"""The plan: a compiled yes to what is plainly valid. All else is for openapi-core, whose verdict is final."""
