"""What is Rung like? Two weeks at a made-up clinic, played over real HTTP, and a clinic to try things out on.

A client like any other: everything that it shows comes from the server's answers. Nothing here is needed in production.
"""
