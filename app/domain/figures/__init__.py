"""What is the picture of an exercise made of, before anybody draws it?"""
