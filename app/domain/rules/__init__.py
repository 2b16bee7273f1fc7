"""The rule profiles: what makes a good day, and which numbers move a patient up and down."""
