"""What is done with webhooks: an administrator changes them, and a worker delivers what waits for them."""
