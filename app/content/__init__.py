"""What do we tell a patient, in which words, and on whose word? The exercise library, as reviewed files."""
