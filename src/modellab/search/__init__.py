"""Full-text search, its pure parts: no files, no network, no database.

words      what counts as a word, in texts and in what is looked for
snippets   where the words stand in a text, and the part of it to show
fusion     several rankings as one
"""
