"""What requests carry and answers hold, one module a noun, for checking and for the OpenAPI document."""
