"""A believable gateway: one traffic model, written as metrics and as a request log that agree to the cent."""
