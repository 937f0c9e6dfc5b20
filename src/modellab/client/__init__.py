"""From a process to where its runs are kept: the project's own store, or a server, which it asks over HTTP
with the same verbs and sends journals and files to.
"""
